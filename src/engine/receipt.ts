// What callers get for work that was accepted. Types only.
import type { NewTask } from './new-task.ts';

/** What a duplicate may ask for in vain: options; `input`, its own; `background`, to start in the invocation that answers. */
export type NotTaken =
  | 'background'
  | 'callbackUrl'
  | 'countdown'
  | 'eta'
  | 'expires'
  | 'input'
  | 'maxRetries'
  | 'queue'
  | 'tags'
  | 'unique';

export interface Receipt {
  taskId: string;
  /** An earlier task with the same idempotency or unique key stands in for this one. */
  duplicate: boolean;
  /** Only of a duplicate: when the earlier task was enqueued, epoch milliseconds. */
  since?: number;
  /** That task had not started and took over everything that this request asks for. */
  replaced?: boolean;
  /** Only of a duplicate that replaced nothing: what this request asks for and its task does not have. */
  notTaken?: NotTaken[];
  /** The accepted task, for `acceptedTask()`; absent for a duplicate, whose state is not known here. */
  accepted?: NewTask;
  /** When it was started by the call itself, epoch milliseconds. Absent: its queue starts it. */
  startedAt?: number;
}

export interface WorkflowReceipt {
  workflowId: string;
  /** The task whose result is the workflow's. */
  resultTaskId: string;
  /** In the order of the description; tasks that gather a group are among them. */
  taskIds: string[];
  /** An earlier workflow with the same idempotency key stands in for this one. */
  duplicate: boolean;
  /** Only of a duplicate: when the earlier workflow was enqueued, epoch milliseconds. */
  since?: number;
  /** Only of a duplicate: options of this request that the earlier workflow does not have. */
  notTaken?: ('callbackUrl' | 'tags')[];
}
