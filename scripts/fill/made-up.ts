// Makes up tasks with the names, queues, states, tags and times of a busy installation. The same seed makes the same tasks.

export interface MadeUpTask {
  id: string;
  name: string;
  queue: string;
  state: string;
  input: string;
  result: string | null;
  error: string | null;
  tags: string[];
  /** The chain of this task, which has CHAIN_LENGTH tasks, and the task's place in it. */
  workflow: { id: string; place: number } | undefined;
  attempt: number;
  createdAt: number;
  dueAt: number;
  startedAt: number | null;
  finishedAt: number | null;
}

export const CHAIN_LENGTH = 5;
const MAX_RUNNING = 20;
/** At least this number of the latest tasks may be unfinished, also if there are few tasks in all. */
const MIN_RECENT = 500;
const DAY_MS = 86_400_000;

/** Weight: the percentage of all tasks. */
const DEFINITIONS: [name: string, queue: string, weight: number, runtimeMs: number][] = [
  ['email.send', 'email', 40, 300],
  ['image.thumbnail', 'files', 25, 150],
  ['email.welcome', 'email', 15, 350],
  ['order.export', 'default', 10, 40],
  ['search.index', 'low', 6, 900],
  ['payment.confirm', 'high', 3, 60],
  ['report.yearly', 'low', 0.1, 20_000],
];
const ERRORS: [code: string, type: string, message: string][] = [
  ['error', 'MailError', 'the provider answered 503'],
  ['error', 'TypeError', 'fetch failed'],
  ['timeout', 'TimeoutError', 'timed out after 300 s'],
  ['unreadable_image', 'PermanentFailure', 'the picture cannot be read'],
];

/** Tasks of the last `days` days up to `now` (epoch milliseconds), oldest first, spread evenly. */
export function* makeUpTasks(count: number, days: number, now: number, seed: number): Generator<MadeUpTask> {
  const random = randomFrom(seed);
  const start = now - days * DAY_MS;
  let chain: { id: string; left: number } | undefined;
  let running = 0;
  for (let n = 0; n < count; n++) {
    const createdAt = Math.floor(start + ((n + random()) / count) * days * DAY_MS);
    const [name, queue, , usualMs] = pick(DEFINITIONS, random() * 99.1);
    if (!chain && random() < 0.01 && count - n > CHAIN_LENGTH)
      chain = { id: uuidAt(createdAt, random), left: CHAIN_LENGTH };
    const workflow = chain && { id: chain.id, place: CHAIN_LENGTH - chain.left-- };
    if (chain?.left === 0) chain = undefined;
    const recent = n >= count - Math.max(MIN_RECENT, count / 100);
    let state = workflow ? 'SUCCESS' : stateAt(random(), recent);
    if (state === 'STARTED' && ++running > MAX_RUNNING) state = 'SUCCESS';
    const waits = state === 'PENDING' || state === 'RETRY' || state === 'WAITING';
    const startedAt = createdAt + Math.floor(random() ** 4 * 5000);
    const ran = state === 'SUCCESS' || state === 'FAILURE';
    const finished = ran ? startedAt + Math.ceil(usualMs * (0.5 + random() ** 6 * 20)) : createdAt + 1000;
    const [code, type, message] = pickEvenly(ERRORS, random());
    yield {
      id: uuidAt(createdAt, random),
      name,
      queue,
      state,
      input: JSON.stringify({ id: n, note: 'as many bytes as an input commonly has, more or less, and no secret' }),
      result: state === 'SUCCESS' ? JSON.stringify({ made: n }) : null,
      error: state === 'FAILURE' || state === 'RETRY' ? JSON.stringify({ code, type, message }) : null,
      tags: random() < 0.2 ? [`tenant-${Math.floor(random() * 500)}`] : [],
      workflow,
      attempt: state === 'FAILURE' ? 4 : state === 'PENDING' || state === 'WAITING' ? 0 : 1,
      createdAt,
      // Two months away, so that a dev server does not run the waiting tasks.
      dueAt: waits ? now + 60 * DAY_MS + Math.floor(random() * DAY_MS) : createdAt,
      startedAt: ran || state === 'STARTED' || state === 'RETRY' ? startedAt : null,
      finishedAt: waits || state === 'STARTED' ? null : Math.min(now, finished),
    };
  }
}

function stateAt(chance: number, recent: boolean): string {
  if (recent && chance < 0.12) {
    if (chance < 0.05) return 'PENDING';
    return chance < 0.08 ? 'RETRY' : chance < 0.1 ? 'STARTED' : 'WAITING';
  }
  return chance > 0.99 ? 'REVOKED' : chance > 0.96 ? 'FAILURE' : 'SUCCESS';
}

function pick<Row extends [unknown, unknown, number, ...unknown[]]>(rows: readonly Row[], at: number): Row {
  let below = 0;
  for (const row of rows) {
    below += row[2];
    if (at < below) return row;
  }
  return rows[0] as Row;
}

function pickEvenly<Row>(rows: readonly Row[], chance: number): Row {
  return rows[Math.floor(chance * rows.length)] as Row;
}

function uuidAt(epochMilliseconds: number, random: () => number): string {
  const hex = (digits: number) =>
    Math.floor(random() * 16 ** digits)
      .toString(16)
      .padStart(digits, '0');
  const time = epochMilliseconds.toString(16).padStart(12, '0');
  return `${time.slice(0, 8)}-${time.slice(8)}-7${hex(3)}-8${hex(3)}-${hex(6)}${hex(6)}`;
}

/** Random numbers in [0, 1) by Mulberry32. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
