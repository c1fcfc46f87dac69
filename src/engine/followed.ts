// The tasks that requests of this isolate follow: one copy of each task for all its followers, and one statement that reads all
// copies that are old. A request must never wait for another one: if the other one has ended, workerd cancels what waits for it.
// So each follower looks at the copies by timers of its own, and the follower that finds its copy old reads D1 for all. A
// cancelled request runs no more code, so a follower has nothing to give back: a copy that no follower looks at is forgotten.
import type { Engine } from './engine.ts';
import type { StepNews } from './steps/step-news.ts';
import { getFollowed, type Wanted } from './store/get-task.ts';
import type { TaskSummary } from './task.ts';

/** The time before the first look at the copy, as a part of the pause after which a follower reads D1 itself. */
const FIRST_LOOK = 1 / 40;
/** The time before each later look, as a part of the time waited: most tasks that end soon end at once. */
const NEXT_LOOK = 1 / 8;
/** A copy that no follower has looked at for this long is forgotten. */
const FORGOTTEN_MS = 10_000;
/** After this time a statement that has not ended is taken for lost, and another follower may read. */
const READ_TIMEOUT_MS = 5000;

interface Copy {
  task: TaskSummary | undefined;
  /** undefined: no follower has asked for them, or they were not read yet. */
  steps: StepNews[] | undefined;
  withSteps: boolean;
  /** The number of the reading that the copy comes from; 0: it was not read yet. */
  reading: number;
  /** When that reading began, epoch milliseconds. */
  readAt: number;
  /** The age at which the follower that looked last wants a new copy, in milliseconds. */
  pauseMs: number;
  /** When a follower looked at it last, epoch milliseconds. */
  lookedAt: number;
  /** The task has ended in this isolate, and no reading has begun since. */
  ended: boolean;
}

interface Followed {
  copies: Map<string, Copy>;
  /** Readings that were begun. */
  readings: number;
  /** When the reading that runs began; undefined: none runs. */
  readingSince: number | undefined;
}

/** What a follower sees. */
export interface Reading {
  /** undefined: the task was deleted. */
  task: TaskSummary | undefined;
  /** undefined unless `withSteps`. */
  steps: StepNews[] | undefined;
  number: number;
  /** This follower ran the statement. */
  own: boolean;
}

const followedBy = new WeakMap<Engine, Followed>();

/** The number of the latest reading. Readings with a greater number begin after this call. */
export function latestReading(engine: Engine): number {
  return followedIn(engine).readings;
}

interface Looking {
  after: number;
  pauseMs: number;
  isOver(): boolean;
  withSteps?: boolean;
}

/**
 * Waits for a reading of the task after the one with the number `after`: that of another follower, or its own after `pauseMs`.
 * If the task ends in this isolate, the reading comes soon, after an eighth of `pauseMs` at the latest. undefined: `isOver` became true.
 * Throws EngineError `store_unavailable`.
 */
export async function nextReading(
  engine: Engine,
  id: string,
  { after, pauseMs, isOver, withSteps = false }: Looking,
): Promise<Reading | undefined> {
  // Before the first pause, so that an end during it is noted.
  look(engine, id, { pauseMs, withSteps });
  for (let waited = 0; ; ) {
    const step = Math.max(pauseMs * FIRST_LOOK, waited * NEXT_LOOK);
    await scheduler.wait(step);
    waited += step;
    if (isOver()) return undefined;
    const copy = look(engine, id, { pauseMs, withSteps });
    if (copy.reading > after) return { task: copy.task, steps: copy.steps, number: copy.reading, own: false };
    if ((copy.ended || waited >= pauseMs) && mayRead(engine)) {
      const reading = readOld(engine, copy);
      // If this client disconnects, the reading still ends, for the other followers.
      engine.defer(reading.catch(() => {}));
      await reading;
      return { task: copy.task, steps: copy.steps, number: copy.reading, own: true };
    }
  }
}

/** Says that these tasks have ended. Call it after the commit. Their followers read them soon. */
export function noteEnded(engine: Engine, ids: readonly string[]): void {
  const copies = followedBy.get(engine)?.copies;
  if (!copies?.size) return;
  for (const id of ids) {
    const copy = copies.get(id);
    if (copy) copy.ended = true;
  }
}

function followedIn(engine: Engine): Followed {
  let followed = followedBy.get(engine);
  if (!followed) {
    followed = { copies: new Map(), readings: 0, readingSince: undefined };
    followedBy.set(engine, followed);
  }
  return followed;
}

function look(engine: Engine, id: string, { pauseMs, withSteps }: { pauseMs: number; withSteps: boolean }): Copy {
  const { copies } = followedIn(engine);
  const lookedAt = engine.clock.now();
  const known = copies.get(id);
  if (known) return Object.assign(known, { lookedAt, pauseMs, withSteps: known.withSteps || withSteps });
  const copy: Copy = {
    ...{ task: undefined, steps: undefined, withSteps },
    ...{ reading: 0, readAt: 0, pauseMs, lookedAt, ended: false },
  };
  copies.set(id, copy);
  return copy;
}

function mayRead(engine: Engine): boolean {
  const { readingSince } = followedIn(engine);
  return readingSince === undefined || engine.clock.now() - readingSince >= READ_TIMEOUT_MS;
}

/** Reads the task of `asked`, and with it the others whose copies will be old soon. */
async function readOld(engine: Engine, asked: Copy): Promise<void> {
  const followed = followedIn(engine);
  const now = engine.clock.now();
  const reading = ++followed.readings;
  followed.readingSince = now;
  const due = takeDue(followed, asked, now);
  try {
    const found = await getFollowed(engine, [...due].map(wantedOf));
    for (const [id, copy] of due) {
      if (reading <= copy.reading) continue;
      const { task, steps = copy.steps } = found.get(id) ?? {};
      Object.assign(copy, { task, steps, reading, readAt: now });
    }
  } finally {
    if (followed.readingSince === now) followed.readingSince = undefined;
  }
}

function wantedOf([id, { task, steps, withSteps }]: [string, Copy]): Wanted {
  return { id, withSteps, seen: steps && task };
}

function takeDue({ copies }: Followed, asked: Copy, now: number): Map<string, Copy> {
  const due = new Map<string, Copy>();
  for (const [id, copy] of copies) {
    const isOld = copy.ended || now - copy.readAt >= copy.pauseMs / 2;
    if (now - copy.lookedAt >= FORGOTTEN_MS) copies.delete(id);
    else if (copy === asked || isOld) {
      copy.ended = false;
      due.set(id, copy);
    }
  }
  return due;
}
