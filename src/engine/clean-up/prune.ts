// The engine's own chores of the clean-up: tasks, workflows, records, and payloads that no row names. Rows are deleted before the
// payloads that they name: what an interruption leaves in R2 is such a payload.
import type { Engine } from '../engine.ts';
import { deletePayloads, PAYLOAD_PREFIX } from '../payloads.ts';
import { QUEUE_NAMES, type QueueName } from '../queues.ts';
import { FIRINGS_KEPT_DAYS } from '../schedule/backfill.ts';
import { FINAL_STATES, type FinalState } from '../state.ts';
import { pruneEvents } from '../store/events.ts';
import { findNamedPayloads } from '../store/find-named-payloads.ts';
import { firstId } from '../store/ids.ts';
import { pruneRecords } from '../store/prune-records.ts';
import {
  type Cutoff,
  deleteTasks,
  deleteWorkflows,
  findPrunable,
  findPrunableWorkflows,
  type TaskCursor,
} from '../store/prune-tasks.ts';
import type { Chore, Portion } from './chore.ts';

/** Tasks deleted in one transaction, which others wait for. A larger workflow is deleted alone. */
const PORTION = 1000;
/** Rows that one statement looks at. */
const LOOK = 5000;
/** Rows of other tables than tasks. */
const RECORDS = 1000;
const RECORDS_DAYS = 90;
const DAY_MS = 86_400_000;
/** A payload is written seconds before the row that names it. */
const ORPHAN_AGE_MS = DAY_MS;
/** A little less than an hour: the clean-up is scheduled for every hour. */
const EVERY_SECONDS = 3000;
/** Listing all payloads costs a call of R2 for each thousand. */
const PAYLOADS_EVERY_SECONDS = 6 * 3600;

/** The engine's chores, by name. */
export function engineChores(engine: Engine): Record<string, Chore> {
  return {
    tasks: { everySeconds: EVERY_SECONDS, next: (asOf, cursor) => pruneTasks(engine, asOf, cursor) },
    workflows: { everySeconds: EVERY_SECONDS, next: (asOf, cursor) => pruneWorkflows(engine, asOf, cursor) },
    records: { everySeconds: EVERY_SECONDS, next: (asOf, cursor) => pruneOthers(engine, asOf, cursor) },
    events: { everySeconds: EVERY_SECONDS, next: (asOf) => pruneSomeEvents(engine, asOf) },
    payloads: {
      everySeconds: PAYLOADS_EVERY_SECONDS,
      next: (asOf, cursor) => pruneOrphans(engine, asOf - ORPHAN_AGE_MS, cursor),
    },
  };
}

const cutoffOf = (at: number): Cutoff => ({ id: firstId(at), at });

/** All pairs of a final state and a queue, in the order of the walk. */
const RANGES = FINAL_STATES.flatMap((state) => QUEUE_NAMES.map((queue) => ({ state, queue })));

/** Goes on to the next range while one has nothing to delete, so that empty ranges cost no portion. */
async function pruneTasks(engine: Engine, asOf: number, cursor: string | undefined): Promise<Portion> {
  const at = cursor === undefined ? undefined : parseCursor(cursor);
  const first = at === undefined ? 0 : RANGES.findIndex(({ state, queue }) => state === at.state && queue === at.queue);
  for (let index = first; index < RANGES.length; index++) {
    const range = RANGES[index] as { state: FinalState; queue: QueueName };
    const after = index === first ? (at?.after ?? '') : '';
    const cutoff = cutoffOf(asOf - engine.settings.retentionSeconds[range.state] * 1000);
    const { ids, next } = await findPrunable(engine, { ...range, after }, cutoff, { look: LOOK, limit: PORTION });
    const following = next === undefined ? RANGES[index + 1] : range;
    const goesOn = following && { cursor: `${following.state}/${following.queue}/${next ?? ''}` };
    if (ids.length > 0) {
      const { deleted, payloadKeys } = await deleteTasks(engine, ids);
      await deletePayloads(engine, payloadKeys);
      return { deleted, ...goesOn };
    }
    if (next !== undefined) return { deleted: 0, ...goesOn };
  }
  return { deleted: 0 };
}

function parseCursor(cursor: string): TaskCursor {
  const [state, queue, after = ''] = cursor.split('/');
  return { state: state as FinalState, queue: queue as QueueName, after };
}

/** Workflows are kept whole, for as long as the longest retention: a retry builds on the tasks that succeeded. */
async function pruneWorkflows(engine: Engine, asOf: number, cursor = ''): Promise<Portion> {
  const cutoff = cutoffOf(asOf - longestRetentionMs(engine));
  const { workflows, next } = await findPrunableWorkflows(engine, cursor, cutoff, RECORDS);
  let tasks = 0;
  const portion = workflows.filter(({ total }, index) => {
    tasks += total;
    return index === 0 || tasks <= PORTION;
  });
  const rest = portion.length < workflows.length ? portion.at(-1)?.id : next;
  if (portion.length === 0) return { deleted: 0, cursor: rest };
  const { deleted, payloadKeys } = await deleteWorkflows(
    engine,
    portion.map(({ id }) => id),
  );
  await deletePayloads(engine, payloadKeys);
  return { deleted, cursor: rest };
}

async function pruneOthers(engine: Engine, asOf: number, cursor = '/0'): Promise<Portion> {
  const [id = '', part] = cursor.split('/');
  const cutoffs = {
    keys: asOf,
    counters: asOf - RECORDS_DAYS * DAY_MS,
    // A backfill that was asked for while a firing was known may run a little later.
    firings: asOf - (FIRINGS_KEPT_DAYS + 2) * DAY_MS,
    batchId: firstId(asOf - longestRetentionMs(engine)),
  };
  const { deleted, next } = await pruneRecords(engine, cutoffs, { id, part: Number(part) }, RECORDS);
  return { deleted, cursor: next && `${next.id}/${next.part}` };
}

async function pruneSomeEvents(engine: Engine, asOf: number): Promise<Portion> {
  const payloadKeys = await pruneEvents(engine, asOf, RECORDS);
  await deletePayloads(
    engine,
    payloadKeys.filter((key) => key !== null),
  );
  return { deleted: payloadKeys.length, ...(payloadKeys.length === RECORDS && { cursor: 'expired' }) };
}

/**
 * Deletes payloads written before `before` that no row names: of tasks whose enqueueing failed after the payload was written, of
 * attempts that lost their lease, and of deletions that were interrupted.
 */
async function pruneOrphans(engine: Engine, before: number, cursor: string | undefined): Promise<Portion> {
  const page = await engine.payloads.list(PAYLOAD_PREFIX, cursor);
  const old = page.filter(({ writtenAt }) => writtenAt < before).map(({ key }) => key);
  const named = old.length > 0 ? await findNamedPayloads(engine, old) : new Set();
  const orphans = old.filter((key) => !named.has(key));
  await deletePayloads(engine, orphans);
  return { deleted: orphans.length, cursor: page.at(-1)?.key };
}

function longestRetentionMs(engine: Engine): number {
  return Math.max(...Object.values(engine.settings.retentionSeconds)) * 1000;
}
