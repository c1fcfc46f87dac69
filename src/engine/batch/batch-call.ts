// One call of a batch handler. Each of its tasks is an attempt of its own, with its input, timeout, log and end. The attempts
// meet here: when each has either brought its input or ended without one, the handler is called once for those that are left.
import { v7 as uuidv7 } from 'uuid';
import { createAbortion } from '../abortion.ts';
import type { Engine } from '../engine.ts';
import type { AnyDefinition, BatchContext, RunMany, TaskContext } from '../handler.ts';
import { logFields, logMessage } from '../log-fields.ts';
import type { Settlement } from '../settlement.ts';
import { createBatchContext } from './context.ts';
import { readOutcomes } from './outcome.ts';

interface Joined {
  input: unknown;
  context: TaskContext;
  resolve(result: unknown): void;
  reject(error: unknown): void;
}

export class BatchCall {
  readonly id = uuidv7();
  /** The definition of its tasks, with a handler that takes part in the call. */
  readonly definition: AnyDefinition;
  /** Tasks that take part in it. */
  size = 0;
  readonly #engine: Engine;
  readonly #name: string;
  readonly #runMany: RunMany;
  readonly #abortion = createAbortion();
  /** By task id. */
  readonly #joined = new Map<string, Joined>();
  /** Tasks that have neither brought their input nor ended. */
  readonly #awaited = new Set<string>();
  #isSealed = false;
  /** The tasks that the handler was given. undefined: it was not called yet. */
  #ran: ReadonlySet<string> | undefined;
  #hasEnded = false;

  constructor(engine: Engine, definition: AnyDefinition, runMany: RunMany) {
    const run = (input: unknown, context: TaskContext) => this.join(input, context);
    this.definition = { ...definition, handler: { ...definition.handler, run } };
    this.#engine = engine;
    this.#name = definition.name;
    this.#runMany = runMany;
    // Only the signal is used here.
    this.#abortion.aborted.catch(() => {});
  }

  /** From now on the handler is not called without this task. */
  expect(taskId: string): void {
    this.size++;
    this.#awaited.add(taskId);
  }

  /** No more tasks are expected. */
  seal(): void {
    this.#isSealed = true;
    this.#startIfReady();
  }

  get isSealed(): boolean {
    return this.#isSealed;
  }

  /** The result of the task. Rejects with what ends its attempt. */
  join(input: unknown, context: TaskContext): Promise<unknown> {
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    this.#awaited.delete(context.id);
    this.#joined.set(context.id, { input, context, resolve, reject });
    this.#startIfReady();
    return promise;
  }

  /** The attempt of the task has ended, in whatever way. `reason`: why, if it was ended from outside. */
  leave(taskId: string, reason: () => unknown): void {
    this.#awaited.delete(taskId);
    this.#joined.delete(taskId);
    if (!this.#ran) this.#startIfReady();
    else if (this.#joined.size === 0 && !this.#hasEnded) this.#abortion.abort(asError(reason()));
  }

  /** Nothing, if the task was not among those that the handler was given. */
  ranWith(taskId: string): Pick<Settlement, 'batch' | 'leadsBatch'> {
    if (!this.#ran?.has(taskId)) return {};
    const [first] = this.#ran;
    return { batch: { id: this.id, tasks: this.#ran.size }, leadsBatch: taskId === first };
  }

  #startIfReady(): void {
    if (!this.#isSealed || this.#ran || this.#awaited.size > 0 || this.#joined.size === 0) return;
    this.#ran = new Set(this.#joined.keys());
    // Ids are in the order of time: the inputs come in the order in which their tasks were enqueued.
    const joined = [...this.#joined.values()].sort((a, b) => (a.context.id < b.context.id ? -1 : 1));
    void this.#run(joined);
  }

  #logFor(tasks: number): BatchContext['log'] {
    const about = { task: this.#name, batch: this.id, tasks };
    return (message, fields) => this.#engine.logger.info(logMessage(message), { ...logFields(fields), ...about });
  }

  async #run(joined: readonly Joined[]): Promise<void> {
    const call = { id: this.id, name: this.#name, signal: this.#abortion.signal, log: this.#logFor(joined.length) };
    const contexts = joined.map(({ context }) => context);
    const inputs = joined.map(({ input }) => input);
    try {
      const returned = await this.#runMany(inputs, createBatchContext(call, contexts));
      const settles = readOutcomes(this.#name, returned, joined.length);
      for (const [index, { resolve, reject }] of joined.entries()) {
        try {
          resolve(settles[index]?.());
        } catch (error) {
          reject(error);
        }
      }
    } catch (error) {
      for (const { reject } of joined) reject(error);
    } finally {
      this.#hasEnded = true;
    }
  }
}

function asError(reason: unknown): Error {
  return reason instanceof Error ? reason : new Error('no task of the batch is left');
}
