// One statement takes what may start among the ids of a delivery; a second one writes the lease they run under.
import type { Receives } from '../canvas/graph.ts';
import type { Engine, LiveEvent } from '../engine.ts';
import type { QueueName } from '../queues.ts';
import { commit } from './commit.ts';
import { type Payload, toPayload } from './rows.ts';
import { commitWatched } from './watchers.ts';

/** A task this invocation holds. Only who knows the fence can settle it. */
export interface ClaimedTask {
  id: string;
  name: string;
  queue: QueueName;
  input: Payload;
  attempt: number;
  crashes: number;
  maxRetries: number;
  fence: number;
  startedAt: number;
  dueAt: number;
  expiresAt: number | undefined;
  workflowId: string | undefined;
  /** How its parents' results are put into its input. */
  receives: Receives | undefined;
  /** Whom it shares its places with. */
  concurrencyKey: string | undefined;
  /** Somebody is to be told of its end. */
  callsBack: boolean;
  /** Its definition's limits let it start, a rate-limited one at this instant (epoch milliseconds). */
  admitted: boolean;
  slot: number | undefined;
}

export interface Claim {
  /** The lane they travel in. */
  queue: QueueName;
  ids: readonly string[];
  leaseId: string;
  /** Ids already running under the lease. */
  running: readonly string[];
  /** Take tasks suspected of crashing the isolate; they are asked for one at a time. */
  alone: boolean;
  /** Take tasks that are due by then, epoch milliseconds: later than now in eager mode, and where slots are near. */
  dueBy: number;
  /** Only for tasks of one limited definition. */
  limited?: {
    /** Of tasks that share a concurrency key, at most so many may run at once. */
    places: number | undefined;
    /** When each starts, by id. */
    slots: ReadonlyMap<string, number | undefined>;
  };
  /** Epoch milliseconds. */
  now: number;
}

const CLAIMED_COLUMNS = `tasks.id, name, input, input_key, attempt, crashes, max_retries, fence, expires_at,
    workflow_id, receives, concurrency_key, due_at,
    callback IS NOT NULL AS calls_back`;

const START = `
  UPDATE tasks SET state = 'STARTED', lease_id = ?1, fence = fence + 1, attempt = attempt + 1, started_at = ?2, progress = NULL`;

const MAY_START = `
  +state IN ('PENDING', 'RETRY') AND due_at <= ?4 AND crashes <= ?5
  AND tasks.queue NOT IN (SELECT queue FROM paused_queues)`;

const CLAIM = `
  ${START} FROM json_each(?3) AS wanted WHERE tasks.id = wanted.value AND ${MAY_START} RETURNING ${CLAIMED_COLUMNS}`;

/** What was enqueued before its definition had a limit has no key, and is free. Each key's running tasks are counted in the very statement that adds to them, so the limit is exact; what died is given back by its lease. */
const CLAIM_PLACES = `
  WITH ready AS (
    SELECT tasks.id, concurrency_key, row_number() OVER (PARTITION BY concurrency_key ORDER BY wanted.key) AS place
    FROM json_each(?3) AS wanted JOIN tasks ON tasks.id = wanted.value WHERE ${MAY_START}
  ), running AS (
    SELECT concurrency_key, count(*) AS places FROM tasks
    WHERE concurrency_key IN (SELECT concurrency_key FROM ready) AND state = 'STARTED' AND finished_at IS NULL
    GROUP BY concurrency_key
  )
  ${START}
  FROM (
    SELECT id FROM ready LEFT JOIN running USING (concurrency_key) WHERE concurrency_key IS NULL OR place + coalesce(places, 0) <= ?6
  ) AS free
  WHERE tasks.id = free.id RETURNING ${CLAIMED_COLUMNS}`;

const FIND_CLAIMED = `
  SELECT ${CLAIMED_COLUMNS} FROM json_each(?2) AS wanted JOIN tasks ON tasks.id = wanted.value
  WHERE +state = 'STARTED' AND lease_id = ?1`;

const LEASE = `
  INSERT INTO leases (id, queue, task_ids, until) VALUES (?1, ?2, ?3, ?4)
  ON CONFLICT (id) DO UPDATE SET queue = excluded.queue, task_ids = excluded.task_ids, until = excluded.until`;

/** The statements of a claim; the first one's rows are for `toClaimed`. */
export function claimStatements(engine: Engine, claim: Claim): D1PreparedStatement[] {
  const { queue, now, ids, running, leaseId, alone, dueBy, limited } = claim;
  const until = now + engine.settings.leaseSeconds * 1000;
  const parameters = [leaseId, now, JSON.stringify(ids), dueBy, alone ? 1_000_000 : 0];
  return [
    limited?.places === undefined
      ? engine.db.prepare(CLAIM).bind(...parameters)
      : engine.db.prepare(CLAIM_PLACES).bind(...parameters, limited.places),
    engine.db.prepare(LEASE).bind(leaseId, queue, JSON.stringify([...running, ...ids]), until),
  ];
}

/** Claims what may start. Not repeatable: after an unclear outcome the lease runs out and the sweep takes the tasks back. */
export async function claimTasks(engine: Engine, claim: Claim): Promise<ClaimedTask[]> {
  const statements = claimStatements(engine, claim);
  const eventsOf = ([claimed]: readonly D1Result[]) => toClaimed(claimed, claim).map(toEvent);
  const [claimed] = await commitWatched(engine, statements, { repeatable: false }, eventsOf);
  return toClaimed(claimed, claim);
}

function toEvent({ id, name, queue, workflowId, startedAt }: ClaimedTask): LiveEvent {
  return { taskId: id, name, queue, state: 'STARTED', progress: undefined, workflowId, at: startedAt };
}

/** What a claim of unclear outcome did take. Throws EngineError `store_unavailable`. */
export async function findClaimed(engine: Engine, claim: Claim): Promise<ClaimedTask[]> {
  const statement = engine.db.prepare(FIND_CLAIMED).bind(claim.leaseId, JSON.stringify(claim.ids));
  const [found] = await commit(engine, [statement], { repeatable: true });
  return toClaimed(found, claim);
}

interface ClaimedRow {
  id: string;
  name: string;
  input: string | null;
  input_key: string | null;
  attempt: number;
  crashes: number;
  max_retries: number;
  fence: number;
  expires_at: number | null;
  workflow_id: string | null;
  receives: Receives | null;
  concurrency_key: string | null;
  due_at: number;
  calls_back: number;
}

export function toClaimed(result: D1Result | undefined, claim: Claim): ClaimedTask[] {
  return ((result?.results ?? []) as ClaimedRow[]).map((row) => ({
    id: row.id,
    name: row.name,
    queue: claim.queue,
    input: toPayload(row.input, row.input_key) ?? { json: 'null' },
    attempt: row.attempt,
    crashes: row.crashes,
    maxRetries: row.max_retries,
    fence: row.fence,
    startedAt: claim.now,
    dueAt: row.due_at,
    expiresAt: row.expires_at ?? undefined,
    workflowId: row.workflow_id ?? undefined,
    receives: row.receives ?? undefined,
    concurrencyKey: row.concurrency_key ?? undefined,
    callsBack: row.calls_back === 1,
    admitted: claim.limited !== undefined,
    slot: claim.limited?.slots.get(row.id),
  }));
}
