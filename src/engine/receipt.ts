// What callers get for work that was accepted. Types only.
import type { NewTask } from './new-task.ts';

export interface Receipt {
  taskId: string;
  /** An earlier task with the same idempotency or unique key stands in for this one. */
  duplicate: boolean;
  /** That task had not started and took over the input and the due time of this one. */
  replaced?: boolean;
  /** The accepted task, for `acceptedTask()`; absent for a duplicate, whose state is not known here. */
  accepted?: NewTask;
}

export interface WorkflowReceipt {
  workflowId: string;
  /** The task whose result is the workflow's. */
  resultTaskId: string;
  /** In the order of the description; tasks that gather a group are among them. */
  taskIds: string[];
  /** An earlier workflow with the same idempotency key stands in for this one. */
  duplicate: boolean;
}
