// The tasks that one invocation holds: those that run, and those that have ended and are not settled yet. The lease names all
// of them, and the heartbeat renews it.
import { startAttempt } from './attempt.ts';
import { BatchCalls } from './batch/batch-calls.ts';
import type { ClaimedTask } from './claimed-task.ts';
import type { Engine } from './engine.ts';
import type { Handler } from './handler.ts';
import type { Running } from './running.ts';
import type { Settlement } from './settlement.ts';
import { Recorder } from './steps/recorder.ts';

export interface Ended {
  task: ClaimedTask;
  settlement: Settlement;
}

export class Pool {
  /** By task id. */
  readonly held = new Map<string, Running>();
  /** Tasks that run now. */
  running = 0;
  readonly #engine: Engine;
  /** Runs the tasks instead of their definition's own. */
  readonly #handler: Handler | undefined;
  readonly #recorder: Recorder;
  readonly #batches: BatchCalls;
  #ended: Ended[] = [];
  #wake = () => {};

  constructor(engine: Engine, handler?: Handler) {
    this.#engine = engine;
    this.#handler = handler;
    this.#recorder = new Recorder(engine);
    this.#batches = new BatchCalls(engine);
  }

  /** Tasks that have ended since they were last taken. */
  get ended(): number {
    return this.#ended.length;
  }

  /** Places that are taken: each task takes one, and so does each call for a batch of tasks. */
  get taken(): number {
    return this.running - this.#batches.sharing;
  }

  start(task: ClaimedTask): void {
    void this.#run(task);
  }

  takeEnded(): Ended[] {
    const ended = this.#ended;
    this.#ended = [];
    return ended;
  }

  /** Gives up tasks that are settled. */
  release(settled: readonly Ended[]): void {
    for (const { task } of settled) this.held.delete(task.id);
  }

  /** Resolves when a task ends or `wake` is called; at once when a task has ended already or none runs. */
  async nextEnd(): Promise<void> {
    if (this.running === 0 || this.ended > 0) return;
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
  }

  wake(): void {
    this.#wake();
  }

  abortAll(reason: Error): void {
    for (const { abort } of this.held.values()) abort(reason);
  }

  async #run(task: ClaimedTask): Promise<void> {
    const definition = this.#engine.registry.get(task.name);
    const handler = this.#handler;
    const seat = handler ? undefined : this.#batches.seat(task, definition);
    const own = definition && handler ? { ...definition, handler } : definition;
    const one = startAttempt(this.#engine, task, seat?.definition ?? own, this.#recorder);
    this.held.set(task.id, one);
    this.running++;
    const settlement = await one.ended;
    seat?.leave(() => one.signal().reason);
    this.running--;
    if (settlement) this.#ended.push({ task, settlement: seat ? { ...settlement, ...seat.ranIn() } : settlement });
    else this.held.delete(task.id);
    this.#wake();
  }
}
