// One batch ends the attempts of any number of tasks: states, history and counters together, each only where the fence
// still holds. Repeatable: a second run finds no settled task STARTED.
import type { Engine } from '../engine.ts';
import type { Ring } from '../ring.ts';
import type { Settlement } from '../settlement.ts';
import type { TaskUpdate } from '../task.ts';
import { NOT_NEEDED } from '../workflow/receive.ts';
import { Batch, read, UnexpectedChanges } from './batch.ts';
import { type CountedEnd, countFailures, countOutcomes } from './count-outcomes.ts';
import type { Guest } from './joint.ts';
import { jsonSets } from './json-sets.ts';
import { nextForPlaces } from './next-for-places.ts';
import { type EndedTask, releaseDependants } from './release-dependants.ts';
import { isPlain, settlePlain } from './settle-plain.ts';
import { wakeEnded } from './wake-waiting.ts';

/**
 * Settles the tasks that are still held; a settlement whose fence was overtaken changes nothing. The whole batch is all or
 * none, so that it can be counted without reading it; when a task was lost, the others are settled again without it.
 * `guest`: committed with the settling, or alone if no task is held any more; then the batch is not repeated. Returns the rings
 * for tasks that may start now. Throws EngineError `store_unavailable`.
 */
export async function settleTasks(engine: Engine, settlements: readonly Settlement[], guest?: Guest): Promise<Ring[]> {
  let held = settlements;
  while (held.length > 0) {
    try {
      return await settleHeld(engine, held, guest);
    } catch (error) {
      if (!(error instanceof UnexpectedChanges)) throw error;
      held = await stillHeld(engine, held);
    }
  }
  if (guest) await commitAlone(engine, guest);
  return [];
}

async function commitAlone(engine: Engine, guest: Guest): Promise<void> {
  const batch = new Batch(engine);
  guest.add(batch);
  await batch.commit({ repeatable: false, updates: () => guest.updates() });
}

async function settleHeld(engine: Engine, settlements: readonly Settlement[], guest?: Guest): Promise<Ring[]> {
  const now = engine.clock.now();
  const batch = new Batch(engine);
  // A success without log lines needs no row of its own: the task's row holds all of it.
  const recorded = settlements.filter(
    ({ outcome, logs, neverStarted }) => !neverStarted && (outcome !== 'SUCCESS' || logs.length > 0),
  );
  for (const { json } of jsonSets(recorded.map(toAttemptRow))) batch.add(RECORD_ATTEMPTS, json);
  settlePlain(batch, settlements.filter(isPlain));
  const others = settlements.filter((settlement) => !isPlain(settlement));
  for (const { json, size } of jsonSets(others.map(toRow))) {
    batch.add(SETTLE, json);
    batch.expectChanges(size);
  }
  // A task that was not needed is no outcome: it is not counted where it is revoked without a claim either.
  const counted = settlements.filter(({ error }) => error?.code !== NOT_NEEDED.code);
  if (counted.length > 0) countOutcomes(batch, engine, counted.map(toCounted), now);
  const released = releaseDependants(batch, engine, settlements.flatMap(endedMember));
  countFailures(batch, settlements, now);
  const places = settlements.flatMap(({ concurrencyKey, keepsPlace, name }) =>
    concurrencyKey === undefined || keepsPlace ? [] : [{ concurrencyKey, name }],
  );
  const next = nextForPlaces(batch, engine, places);
  const woken = wakeEnded(batch, engine, settlements, now);
  guest?.add(batch);
  const updates = () => [...settlements.map(toUpdate), ...released.updates(now), ...(guest?.updates() ?? [])];
  await batch.commit({ repeatable: !guest, updates });
  return [...released.rings(), ...next(), ...woken()];
}

function toCounted(settlement: Settlement): CountedEnd {
  const { name, queue, state, outcome, startedAt, finishedAt, dueAtStart, neverStarted, fence, batch, leadsBatch } =
    settlement;
  return {
    name,
    queue,
    // A task that is to be undone is counted as ended when its undos have run.
    outcome: state === 'RETRY' && outcome !== 'RETRY' ? 'SNOOZED' : outcome,
    startedAt: neverStarted ? undefined : startedAt,
    finishedAt,
    dueAtStart,
    isFirst: fence === 1,
    batch,
    leadsBatch,
  };
}

function endedMember({ id, state, workflowId }: Settlement): EndedTask[] {
  return workflowId === undefined || state === 'RETRY' ? [] : [{ id, state }];
}

const STILL_HELD = `
  SELECT id, fence FROM tasks WHERE id IN (SELECT value FROM json_each(?1)) AND +state = 'STARTED'`;

async function stillHeld(engine: Engine, settlements: readonly Settlement[]): Promise<Settlement[]> {
  const ids = JSON.stringify(settlements.map(({ id }) => id));
  const rows = await read<{ id: string; fence: number }>(engine, STILL_HELD, ids);
  const fences = new Map(rows.map(({ id, fence }) => [id, fence]));
  return settlements.filter(({ id, fence }) => fences.get(id) === fence);
}

/** A claim without an attempt wrote its version over that of the last attempt. */
const LAST_VERSION = 'SELECT version FROM attempts WHERE task_id = tasks.id ORDER BY number DESC LIMIT 1';

const RECORD_ATTEMPTS = `
  INSERT INTO attempts (task_id, number, outcome, started_at, finished_at, error, logs, reason, batch, version)
  SELECT tasks.id, tasks.fence, s.value ->> 2, s.value ->> 3, s.value ->> 4, s.value ->> 5, s.value ->> 6, s.value ->> 7, s.value ->> 8,
    tasks.version
  FROM json_each(?1) AS s JOIN tasks ON tasks.id = s.value ->> 0
  WHERE tasks.fence = s.value ->> 1 AND +tasks.state = 'STARTED'
  ON CONFLICT DO NOTHING`;

const SETTLE = `
  UPDATE tasks SET
    state = s.value ->> 4, lease_id = NULL, result = s.value ->> 3,
    started_at = CASE WHEN s.value ->> 12 THEN NULL ELSE coalesce(s.value ->> 11, started_at) END,
    finished_at = CASE WHEN s.value ->> 4 = 'RETRY' THEN NULL ELSE coalesce(s.value ->> 11, started_at) + (s.value ->> 2) END,
    result_key = s.value ->> 5, error = s.value ->> 6, progress = coalesce(s.value ->> 7, progress),
    due_at = coalesce(s.value ->> 8, due_at), wake_at = coalesce(s.value ->> 9, wake_at),
    attempt = attempt - coalesce(s.value ->> 10, 0) - CASE WHEN s.value ->> 15 THEN crashes ELSE 0 END,
    crashes = CASE WHEN s.value ->> 15 THEN 0 ELSE crashes END, undoing = s.value ->> 13, deadline_at = coalesce(deadline_at, s.value ->> 14),
    keeps_place = coalesce(s.value ->> 16, 0), batch = s.value ->> 17, version = CASE WHEN s.value ->> 12 THEN (${LAST_VERSION}) ELSE version END
  FROM json_each(?1) AS s
  WHERE tasks.id = s.value ->> 0 AND fence = s.value ->> 1 AND +state = 'STARTED'`;

function toRow(settlement: Settlement): string {
  const { id, fence, state, outcome, result, error, progress, startedAt, finishedAt, dueAt, wakeAt, slot } = settlement;
  const { neverStarted, isUndo, undoing, deadlineAt, forgetsCrashes, keepsPlace, batch } = settlement;
  const row = [id, fence, finishedAt - startedAt, result && 'json' in result ? result.json : null];
  const key = result && 'key' in result ? result.key : null;
  const uncounted = outcome === 'SNOOZED' || neverStarted || isUndo ? 1 : 0;
  const times = [dueAt ?? null, wakeAt ?? null, uncounted, slot === undefined ? null : startedAt];
  return JSON.stringify([
    ...row,
    state,
    key,
    text(error),
    text(progress),
    ...times,
    neverStarted ? 1 : 0,
    text(undoing),
    deadlineAt ?? null,
    forgetsCrashes ? 1 : 0,
    keepsPlace ? 1 : 0,
    text(batch),
  ]);
}

function toAttemptRow({ id, fence, outcome, startedAt, finishedAt, error, logs, reason, batch }: Settlement): string {
  const row = [id, fence, outcome, startedAt, finishedAt, text(error), logs.length > 0 ? text(logs) : null];
  return JSON.stringify([...row, text(reason), text(batch)]);
}

function toUpdate({ id, name, queue, state, progress, workflowId, finishedAt }: Settlement): TaskUpdate {
  return { taskId: id, name, queue, state, progress, workflowId, at: finishedAt };
}

function text(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value);
}
