// The batches of one invocation: which of the tasks that start together share a call of their handler.
import type { ClaimedTask } from '../claimed-task.ts';
import { PermanentFailure } from '../control.ts';
import type { Engine } from '../engine.ts';
import type { AnyDefinition, RunMany } from '../handler.ts';
import type { Settlement } from '../settlement.ts';
import { BatchCall } from './batch-call.ts';

export interface Seat {
  /** The task's definition, with a handler that takes part in the call. */
  definition: AnyDefinition;
  /** Nothing, if the attempt ended before the handler was called. */
  ranIn(): Pick<Settlement, 'batch' | 'leadsBatch'>;
  /** To be called when the attempt has ended. `reason`: why, if it was ended from outside. */
  leave(reason: () => unknown): void;
}

export class BatchCalls {
  readonly #engine: Engine;
  /** Calls that take more tasks, by definition and start time. */
  readonly #open = new Map<string, BatchCall>();
  /** Tasks that run in each call. */
  readonly #running = new Map<BatchCall, number>();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  /** Tasks that run beyond the first one of each call: a call takes one place. */
  get sharing(): number {
    let sharing = 0;
    for (const tasks of this.#running.values()) sharing += tasks - 1;
    return sharing;
  }

  /** Tasks that are given a seat without a pause between them share calls. undefined: the definition has no batches. */
  seat(task: ClaimedTask, definition: AnyDefinition | undefined): Seat | undefined {
    const { batch, handler } = definition ?? {};
    if (!definition || !batch || !handler?.runMany) return undefined;
    if (task.undoing) return { definition: { ...definition, handler: { ...handler, run: refuseUndo } }, ...ALONE };
    const call = this.#callFor(task, definition, handler.runMany);
    call.expect(task.id);
    this.#running.set(call, (this.#running.get(call) ?? 0) + 1);
    if (call.size >= batch.size) this.#close(call);
    return {
      definition: call.definition,
      ranIn: () => call.ranWith(task.id),
      leave: (reason) => {
        const left = (this.#running.get(call) ?? 1) - 1;
        if (left > 0) this.#running.set(call, left);
        else this.#running.delete(call);
        call.leave(task.id, reason);
      },
    };
  }

  #callFor({ name, slot }: ClaimedTask, definition: AnyDefinition, runMany: RunMany): BatchCall {
    const key = `${name} ${slot}`;
    const open = this.#open.get(key);
    if (open && !open.isSealed) return open;
    const call = new BatchCall(this.#engine, definition, runMany);
    this.#open.set(key, call);
    queueMicrotask(() => this.#close(call));
    return call;
  }

  #close(call: BatchCall): void {
    for (const [key, open] of this.#open) if (open === call) this.#open.delete(key);
    if (!call.isSealed) call.seal();
  }
}

const ALONE = { ranIn: () => ({}), leave: () => {} };

/** Its code had steps when the undos were recorded, and has batches now. Running it would do the work of the task again. */
function refuseUndo(): never {
  throw new PermanentFailure('a batch handler has no steps, so it knows no undo', 'no_steps');
}
