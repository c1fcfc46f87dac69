// Records the steps of all tasks of an invocation: while one batch is on its way, the next gathers. So tasks that run side by side
// share their round trips to D1.
import type { Engine } from '../engine.ts';
import { persist } from '../persist.ts';
import { keyOf, type Recorded, recordSteps, type StepRecord } from '../store/record-steps.ts';
import { queriesSoFar } from '../store/usage.ts';

/** D1 allows 1,000 queries an invocation; settling needs some. */
const MAX_QUERIES = 700;
const MAX_RECORDS = 1000;

export interface RecordedOne {
  /** False: the task is no longer held, or something else has ended the wait. */
  recorded: boolean;
  /** The event that ended the wait at once. */
  eventId: string | undefined;
}

interface Waiting {
  record: StepRecord;
  resolve(one: RecordedOne): void;
  reject(error: unknown): void;
}

export class Recorder {
  readonly #engine: Engine;
  readonly #queriesBefore: number;
  #waiting: Waiting[] = [];
  #isBusy = false;

  constructor(engine: Engine) {
    this.#engine = engine;
    this.#queriesBefore = queriesSoFar(engine);
  }

  /** False when the invocation should start no more steps. */
  get hasQueriesLeft(): boolean {
    return queriesSoFar(this.#engine) - this.#queriesBefore < MAX_QUERIES;
  }

  /** Throws EngineError `store_unavailable` when D1 stays away. */
  record(record: StepRecord): Promise<RecordedOne> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ record, resolve, reject });
      if (!this.#isBusy) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isBusy = true;
    // Steps that end in the same turn go together.
    await scheduler.wait(0);
    while (this.#waiting.length > 0) await this.#commit(this.#waiting.splice(0, MAX_RECORDS));
    this.#isBusy = false;
  }

  async #commit(waiting: Waiting[]): Promise<void> {
    const records = waiting.map(({ record }) => record);
    try {
      const { keys, events } = await persist(this.#engine, 'recording steps', () => recordSteps(this.#engine, records));
      for (const { record, resolve } of waiting) resolve(outcomeOf(record, { keys, events }));
    } catch (error) {
      for (const { reject } of waiting) reject(error);
    }
  }
}

function outcomeOf(record: StepRecord, { keys, events }: Recorded): RecordedOne {
  const key = keyOf(record);
  return { recorded: keys.has(key), eventId: events.get(key) };
}
