// Chore: deletes what is older than its retention, in portions, payloads first: a row without its payload is deleted by the
// next sweep, a payload without its row would never be found again.
import type { Engine } from '../engine.ts';
import { deletePayloads } from '../payloads.ts';
import { FINAL_STATES, type FinalState } from '../state.ts';
import { firstId } from '../store/ids.ts';
import {
  deleteExpired,
  deleteTasks,
  deleteWorkflow,
  findPrunable,
  findPrunableWorkflows,
  findWorkflowPayloads,
} from '../store/prune-tasks.ts';
import { lastSweep, recordSweep } from '../store/sweep-record.ts';

const PORTION = 500;
const MAX_PORTIONS = 10;
/** Retention is counted in days, so a look every few minutes is enough. */
const INTERVAL_MS = 10 * 60_000;
const STATS_DAYS = 90;

/** Each may have ten thousand tasks. */
const MAX_WORKFLOWS = 20;

/** The number of tasks and workflows deleted. */
export async function prune(engine: Engine): Promise<number> {
  const last = (await lastSweep(engine, 'prune')) ?? 0;
  return engine.clock.now() - last < INTERVAL_MS ? 0 : pruneTasks(engine);
}

/** Deletes one portion now. Returns how many tasks and workflows that were; 0: none is left to delete. */
export async function pruneTasks(engine: Engine): Promise<number> {
  const now = engine.clock.now();
  let deleted = 0;
  for (const state of FINAL_STATES) deleted += await pruneState(engine, state, now);
  deleted += await pruneWorkflows(engine, now);
  const batchId = firstId(now - longestRetentionMs(engine));
  await deleteExpired(engine, now - STATS_DAYS * 86_400_000, batchId, PORTION * MAX_PORTIONS);
  await recordSweep(engine, 'prune');
  if (deleted > 0) engine.logger.info('tasks pruned', { count: deleted });
  return deleted;
}

async function pruneState(engine: Engine, state: FinalState, now: number): Promise<number> {
  const at = now - engine.settings.retentionSeconds[state] * 1000;
  let deleted = 0;
  for (let portion = 0; portion < MAX_PORTIONS; portion++) {
    const tasks = await findPrunable(engine, state, { id: firstId(at), at }, PORTION);
    if (tasks.length === 0) break;
    const keys = tasks.flatMap(({ inputKey, resultKey }) => [inputKey, resultKey]).filter((key) => key !== null);
    await deletePayloads(engine, keys);
    await deleteTasks(
      engine,
      tasks.map(({ id }) => id),
    );
    deleted += tasks.length;
    if (tasks.length < PORTION) break;
  }
  return deleted;
}

/** Workflows are kept whole, for as long as the longest retention: a retry builds on the tasks that succeeded. */
async function pruneWorkflows(engine: Engine, now: number): Promise<number> {
  const at = now - longestRetentionMs(engine);
  const ids = await findPrunableWorkflows(engine, { id: firstId(at), at }, MAX_WORKFLOWS);
  for (const id of ids) {
    const keys = await findWorkflowPayloads(engine, id);
    await deletePayloads(engine, keys);
    await deleteWorkflow(engine, id);
  }
  return ids.length;
}

function longestRetentionMs(engine: Engine): number {
  return Math.max(...Object.values(engine.settings.retentionSeconds)) * 1000;
}
