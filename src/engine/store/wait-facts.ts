// What the database knows about why one task does not run yet: columns for the read of that task. Must not be part of lists or
// of the statements that run tasks: they may read some thousand rows.
import type { SnoozeReason } from '../task.ts';

export interface WaitFacts {
  openParents: number;
  /** The first parent that is not final; undefined: it is none of the first COUNTED parents, or the task waits for none. */
  parentId: string | undefined;
  /** When its queue was paused, epoch milliseconds; undefined: the queue is not paused. */
  pausedAt: number | undefined;
  pausedBy: string | undefined;
  /** When it was due before its rate limit made it later, epoch milliseconds. */
  pacedFrom: number | undefined;
  concurrencyKey: string | undefined;
  /** Of the tasks with its concurrency key: how many run or keep their place, and how many became due before it and wait (at most COUNTED). */
  runningWithKey: number;
  aheadWithKey: number;
  /** How many tasks of its queue became due before it and wait, among the COUNTED oldest of each state. At most COUNTED. */
  aheadInQueue: number;
  /** Of the attempt that ended last, if the task waits for another: when it ended, its error's code, and why it was snoozed. */
  endedAt: number | undefined;
  errorCode: string | undefined;
  snoozed: SnoozeReason | undefined;
}

/** The most tasks that are counted before one, and the most parents that are looked at. */
const COUNTED = 1000;

const IS_DUE = "state IN ('PENDING', 'RETRY') AND due_at <= ?2";

const OPEN_PARENT = `
  SELECT edges.parent_id FROM edges JOIN tasks AS parent ON parent.id = edges.parent_id
  WHERE edges.child_id = tasks.id AND edges.position < ${COUNTED} AND parent.finished_at IS NULL
  ORDER BY edges.position LIMIT 1`;

const WITH_KEY = `other.concurrency_key = tasks.concurrency_key AND other.finished_at IS NULL`;

const KEPT_PLACES = `
  SELECT count(*) FROM tasks AS other
  WHERE other.concurrency_key = tasks.concurrency_key AND other.keeps_place = 1 AND other.state = 'RETRY' AND other.id <> tasks.id`;

const aheadWithKey = (state: 'PENDING' | 'RETRY') => `
  (SELECT count(*) FROM (SELECT 1 FROM tasks AS other
    WHERE ${WITH_KEY} AND other.state = '${state}' AND (other.due_at, other.id) < (tasks.due_at, tasks.id) LIMIT ${COUNTED}))`;

const aheadInQueue = (state: 'PENDING' | 'RETRY') => `
  (SELECT count(*) FROM (SELECT other.due_at, other.id FROM tasks AS other INDEXED BY tasks_status
    WHERE other.state = '${state}' AND other.state <> 'STARTED' AND other.queue = tasks.queue
    ORDER BY other.id LIMIT ${COUNTED}) AS oldest WHERE (oldest.due_at, oldest.id) < (tasks.due_at, tasks.id))`;

const QUEUE_IS_PAUSED = 'EXISTS (SELECT 1 FROM paused_queues WHERE paused_queues.queue = tasks.queue)';

/** For a SELECT FROM tasks. `?2`: now. A CASE reads its rows only if its condition holds: a task that does not wait costs none. */
export const WAIT_COLUMNS = `open_parents, paced_from, concurrency_key,
    CASE WHEN state IN ('PENDING', 'RETRY')
      THEN (SELECT json_array(paused_at, paused_by) FROM paused_queues WHERE paused_queues.queue = tasks.queue) END AS pause,
    CASE WHEN state = 'RETRY'
      THEN (SELECT json_array(ended.finished_at, ended.error ->> 'code', json(ended.reason))
        FROM attempts AS ended WHERE ended.task_id = tasks.id AND ended.number = tasks.fence) END AS ended,
    CASE WHEN state = 'WAITING' THEN (${OPEN_PARENT}) END AS parent_id,
    CASE WHEN ${IS_DUE} AND concurrency_key IS NOT NULL
      THEN (SELECT count(*) FROM tasks AS other WHERE ${WITH_KEY} AND other.state = 'STARTED') + (${KEPT_PLACES}) END AS running_with_key,
    CASE WHEN ${IS_DUE} AND concurrency_key IS NOT NULL
      THEN ${aheadWithKey('PENDING')} + ${aheadWithKey('RETRY')} END AS ahead_with_key,
    CASE WHEN ${IS_DUE} AND NOT ${QUEUE_IS_PAUSED}
      THEN ${aheadInQueue('PENDING')} + ${aheadInQueue('RETRY')} END AS ahead_in_queue`;

export interface WaitRow {
  open_parents: number;
  paced_from: number | null;
  concurrency_key: string | null;
  /** JSON array: when it was paused, and the name of the API key. */
  pause: string | null;
  /** JSON array: when the attempt ended, the code of its error, its SnoozeReason. */
  ended: string | null;
  parent_id: string | null;
  running_with_key: number | null;
  ahead_with_key: number | null;
  ahead_in_queue: number | null;
}

export function toWaitFacts(row: WaitRow): WaitFacts {
  const [pausedAt, pausedBy] = JSON.parse(row.pause ?? '[]') as [number?, (string | null)?];
  const [endedAt, errorCode, snoozed] = JSON.parse(row.ended ?? '[]') as [
    number?,
    (string | null)?,
    (SnoozeReason | null)?,
  ];
  return {
    openParents: row.open_parents,
    parentId: row.parent_id ?? undefined,
    pausedAt,
    pausedBy: pausedBy ?? undefined,
    pacedFrom: row.paced_from ?? undefined,
    concurrencyKey: row.concurrency_key ?? undefined,
    runningWithKey: row.running_with_key ?? 0,
    aheadWithKey: Math.min(COUNTED, row.ahead_with_key ?? 0),
    aheadInQueue: Math.min(COUNTED, row.ahead_in_queue ?? 0),
    endedAt,
    errorCode: errorCode ?? undefined,
    snoozed: snoozed ?? undefined,
  };
}
