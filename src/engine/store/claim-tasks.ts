// One statement takes the tasks of a delivery that may start; a second one writes the lease they run under.
import type { ClaimedTask } from '../claimed-task.ts';
import type { Engine } from '../engine.ts';
import type { Receives } from '../new-task.ts';
import type { QueueName } from '../queues.ts';
import type { TaskUpdate, Undoing } from '../task.ts';
import { Batch, type Result, read } from './batch.ts';
import type { Joint } from './joint.ts';
import { parse, toPayload } from './rows.ts';

export interface Claim {
  /** The queue that brought them. */
  queue: QueueName;
  ids: readonly string[];
  leaseId: string;
  /** Ids already running under the lease. */
  running: readonly string[];
  /** Take tasks that crashed before, too. They are claimed one at a time. */
  alone: boolean;
  /** Take tasks that are due by then, epoch milliseconds: later than now in eager mode, and when slots are near. */
  dueBy: number;
  /** Only for tasks of one limited definition. */
  limited?: {
    /** How many tasks with the same concurrency key may run at once; undefined: any number. */
    places: number | undefined;
    /** When each starts, by id. */
    slots: ReadonlyMap<string, number | undefined>;
  };
  /** Epoch milliseconds. */
  now: number;
}

/** Most tasks have nothing in the columns of `more`, and then it is NULL: a third of the bytes to read. */
const CLAIMED_COLUMNS = `tasks.id, name, input, attempt, max_retries, fence, due_at,
    CASE WHEN coalesce(input_key, expires_at, workflow_id, receives, concurrency_key, callback, undoing, forked_from, deadline_at) IS NOT NULL
      OR crashes > 0 OR keeps_place = 1 OR has_undo = 1 THEN
    json_object('input_key', input_key, 'crashes', crashes, 'expires_at', expires_at, 'workflow_id', workflow_id, 'receives', receives,
      'concurrency_key', concurrency_key, 'keeps_place', keeps_place, 'calls_back', callback IS NOT NULL, 'has_undo', has_undo,
      'undoing', undoing, 'is_fork', forked_from IS NOT NULL, 'deadline_at', deadline_at) END AS more`;

const START = `
  UPDATE tasks SET state = 'STARTED', lease_id = ?1, fence = fence + 1, attempt = attempt + 1, started_at = ?2, progress = NULL,
    paced_from = NULL, version = ?6`;

const MAY_START = `
  +state IN ('PENDING', 'RETRY') AND due_at <= ?4 AND crashes <= ?5
  AND tasks.queue NOT IN (SELECT queue FROM paused_queues)`;

const CLAIM = `
  ${START} FROM json_each(?3) AS wanted WHERE tasks.id = wanted.value AND ${MAY_START} RETURNING ${CLAIMED_COLUMNS}`;

/**
 * Tasks enqueued before their definition had a limit have no concurrency key and are not limited. The running tasks of each
 * concurrency key are counted in the statement that adds to them, so the limit is exact. A place held by a dead invocation is
 * given back when its lease runs out. A task that kept its place needs no other one.
 */
const CLAIM_PLACES = `
  WITH ready AS (
    SELECT tasks.id, concurrency_key, keeps_place,
      row_number() OVER (PARTITION BY concurrency_key, keeps_place ORDER BY wanted.key) AS place
    FROM json_each(?3) AS wanted JOIN tasks ON tasks.id = wanted.value WHERE ${MAY_START}
  ), running AS (
    SELECT concurrency_key, count(*) AS places FROM (
      SELECT concurrency_key FROM tasks
      WHERE concurrency_key IN (SELECT concurrency_key FROM ready) AND state = 'STARTED' AND finished_at IS NULL
      UNION ALL
      SELECT concurrency_key FROM tasks
      WHERE concurrency_key IN (SELECT concurrency_key FROM ready) AND keeps_place = 1 AND state = 'RETRY'
    ) GROUP BY concurrency_key
  )
  ${START}
  FROM (
    SELECT id FROM ready LEFT JOIN running USING (concurrency_key)
    WHERE concurrency_key IS NULL OR keeps_place = 1 OR place + coalesce(places, 0) <= ?7
  ) AS free
  WHERE tasks.id = free.id RETURNING ${CLAIMED_COLUMNS}`;

const FIND_CLAIMED = `
  SELECT ${CLAIMED_COLUMNS} FROM json_each(?2) AS wanted JOIN tasks ON tasks.id = wanted.value
  WHERE +state = 'STARTED' AND lease_id = ?1`;

const LEASE = `
  INSERT INTO leases (id, queue, task_ids, until) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (id) DO UPDATE SET queue = excluded.queue, task_ids = excluded.task_ids, until = excluded.until`;

/** Crashes up to which a task is claimed beside others, and when it runs alone. */
const MAX_CRASHES_BESIDE_OTHERS = 0;
const ANY_CRASHES = 1_000_000;

/** Adds the statements of a claim. Returns the tasks it took, readable after the commit. */
export function addClaim(batch: Batch, engine: Engine, claim: Claim): () => ClaimedTask[] {
  const { queue, now, ids, running, leaseId, alone, dueBy, limited } = claim;
  const until = now + engine.settings.leaseSeconds * 1000;
  const maxCrashes = alone ? ANY_CRASHES : MAX_CRASHES_BESIDE_OTHERS;
  const version = engine.settings.version ? JSON.stringify(engine.settings.version) : null;
  const values = [leaseId, now, JSON.stringify(ids), dueBy, maxCrashes, version];
  const claimed: Result<ClaimedRow> =
    limited?.places === undefined ? batch.add(CLAIM, ...values) : batch.add(CLAIM_PLACES, ...values, limited.places);
  batch.add(LEASE, leaseId, queue, JSON.stringify([...running, ...ids]), until);
  return () => claimed.rows.map((row) => toClaimed(row, claim));
}

/** Claims what may start, in a transaction of its own or in that of `joint`. Not repeatable: after an unclear outcome the lease runs out and the sweep takes the tasks back. */
export async function claimTasks(engine: Engine, claim: Claim, joint?: Joint): Promise<ClaimedTask[]> {
  let claimed: () => ClaimedTask[] = () => [];
  const updates = () => claimed().map(toUpdate);
  const add = (batch: Batch) => {
    claimed = addClaim(batch, engine, claim);
  };
  const joined = joint?.join({ add, updates });
  if (joined) {
    await joined;
    return claimed();
  }
  const batch = new Batch(engine);
  add(batch);
  await batch.commit({ repeatable: false, updates });
  return claimed();
}

/** The tasks that a claim of unclear outcome took. Throws EngineError `store_unavailable`. */
export async function findClaimed(engine: Engine, claim: Claim): Promise<ClaimedTask[]> {
  const rows = await read<ClaimedRow>(engine, FIND_CLAIMED, claim.leaseId, JSON.stringify(claim.ids));
  return rows.map((row) => toClaimed(row, claim));
}

interface ClaimedRow {
  id: string;
  name: string;
  input: string | null;
  attempt: number;
  max_retries: number;
  fence: number;
  due_at: number;
  /** JSON of More. */
  more: string | null;
}

interface More {
  input_key: string | null;
  crashes: number;
  expires_at: number | null;
  workflow_id: string | null;
  receives: Receives | null;
  concurrency_key: string | null;
  keeps_place: number;
  calls_back: number;
  has_undo: number;
  undoing: string | null;
  is_fork: number;
  deadline_at: number | null;
}

const NOTHING_MORE: More = {
  ...{ input_key: null, crashes: 0, expires_at: null, workflow_id: null, receives: null, concurrency_key: null },
  ...{ keeps_place: 0, calls_back: 0, has_undo: 0, undoing: null, is_fork: 0, deadline_at: null },
};

function toClaimed(row: ClaimedRow, { queue, now, limited }: Claim): ClaimedTask {
  const more = parse<More>(row.more) ?? NOTHING_MORE;
  return {
    id: row.id,
    name: row.name,
    queue,
    input: toPayload(row.input, more.input_key) ?? { json: 'null' },
    attempt: row.attempt,
    crashes: more.crashes,
    maxRetries: row.max_retries,
    fence: row.fence,
    startedAt: now,
    dueAt: row.due_at,
    expiresAt: more.expires_at ?? undefined,
    workflowId: more.workflow_id ?? undefined,
    receives: more.receives ?? undefined,
    concurrencyKey: more.concurrency_key ?? undefined,
    keepsPlace: more.keeps_place === 1,
    callsBack: more.calls_back === 1,
    hasUndo: more.has_undo === 1,
    undoing: more.undoing === null ? undefined : parse<Undoing>(more.undoing),
    isFork: more.is_fork === 1,
    deadlineAt: more.deadline_at ?? undefined,
    admitted: limited !== undefined,
    slot: limited?.slots.get(row.id),
  };
}

function toUpdate({ id, name, queue, workflowId, startedAt }: ClaimedTask): TaskUpdate {
  return { taskId: id, name, queue, state: 'STARTED', progress: undefined, workflowId, at: startedAt };
}
