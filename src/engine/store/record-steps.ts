// Records steps of running tasks, any number in one statement, each only where the fence still holds. Repeatable: a step that is
// not open is changed no more.
import type { Engine } from '../engine.ts';
import type { RecordedStep, StepName } from '../steps/step.ts';
import type { TaskUpdate } from '../task.ts';
import { Batch } from './batch.ts';
import { jsonSets } from './json-sets.ts';
import { findFirstEvents } from './match-events.ts';

/** A step to record, and the fence under which that may be done. */
export interface StepRecord extends Omit<RecordedStep, 'isLong' | 'undo' | 'eventId' | 'attempt'> {
  taskId: string;
  fence: number;
  hasUndo: boolean;
  /** What an update says about its task. */
  task: Pick<TaskUpdate, 'name' | 'queue' | 'progress' | 'workflowId'>;
}

const RECORD = `
  INSERT INTO task_steps (task_id, name, occurrence, position, kind, outcome, result, result_key, error, about, started_at, ended_at,
    until, attempt, tries, wait_type, wait_key, since, undo)
  SELECT s.value ->> 0, s.value ->> 1, s.value ->> 2, s.value ->> 3, s.value ->> 4, s.value ->> 5, s.value ->> 6, s.value ->> 7,
    s.value ->> 8, s.value ->> 9, s.value ->> 10, s.value ->> 11, s.value ->> 12, s.value ->> 13, s.value ->> 14, s.value ->> 15,
    s.value ->> 16, s.value ->> 17, s.value ->> 18
  FROM json_each(?1) AS s JOIN tasks ON tasks.id = s.value ->> 0
  WHERE tasks.fence = s.value ->> 13 AND +tasks.state = 'STARTED'
  ON CONFLICT (task_id, name, occurrence) DO UPDATE SET outcome = excluded.outcome, result = excluded.result,
    result_key = excluded.result_key, error = excluded.error, ended_at = excluded.ended_at, until = excluded.until,
    attempt = excluded.attempt, tries = excluded.tries, undo = excluded.undo
  WHERE task_steps.outcome = 'open' OR (task_steps.attempt = excluded.attempt AND task_steps.outcome = excluded.outcome)
  RETURNING task_id AS taskId, name, occurrence`;

const HAS_UNDO = `
  UPDATE tasks SET has_undo = 1 WHERE id IN (SELECT value FROM json_each(?1)) AND has_undo = 0 AND +state = 'STARTED'`;

type Key = StepName & { taskId: string };

/** Which step of which task, as text. */
export const keyOf = ({ taskId, name, occurrence }: Key): string => `${taskId} ${occurrence} ${name}`;

export interface Recorded {
  /** The steps that were recorded: neither those of lost tasks, nor waits that something else has ended. */
  keys: Set<string>;
  /** For waits that an earlier event ended at once: the id of that event, by step. */
  events: Map<string, string>;
}

/** Throws EngineError `store_unavailable`. */
export async function recordSteps(engine: Engine, records: readonly StepRecord[]): Promise<Recorded> {
  const batch = new Batch(engine);
  const now = engine.clock.now();
  const recorded = jsonSets(records.map(toRow)).map(({ json }) => batch.add<Key>(RECORD, json));
  const undoable = [...new Set(records.filter(({ hasUndo }) => hasUndo).map(({ taskId }) => taskId))];
  if (undoable.length > 0) batch.add(HAS_UNDO, JSON.stringify(undoable));
  const found = findFirstEvents(
    batch,
    records.filter(({ kind, outcome }) => kind === 'event' && outcome === 'open'),
    now,
  );
  const done = (): Recorded => ({
    keys: new Set(recorded.flatMap(({ rows }) => rows.map(keyOf))),
    events: new Map(found().map((row) => [keyOf(row), row.eventId])),
  });
  await batch.commit({ repeatable: true, updates: () => updatesOf(records, done(), now) });
  return done();
}

function updatesOf(records: readonly StepRecord[], { keys, events }: Recorded, at: number): TaskUpdate[] {
  return records
    .filter((record) => keys.has(keyOf(record)))
    .map((record) => {
      const { taskId, task, name, occurrence } = record;
      const outcome = events.has(keyOf(record)) ? 'done' : record.outcome;
      return { taskId, ...task, state: 'STARTED', step: { name, occurrence, outcome }, at };
    });
}

function toRow(record: StepRecord): string {
  const { taskId, name, occurrence, position, kind, outcome, result, error, about, waitsFor } = record;
  const { startedAt, endedAt, until, fence, tries, hasUndo } = record;
  const json = result && 'json' in result ? result.json : null;
  const key = result && 'key' in result ? result.key : null;
  const texts = [error ? JSON.stringify(error) : null, about ? JSON.stringify(about) : null];
  const wait = [waitsFor?.type ?? null, waitsFor?.key ?? null, waitsFor?.since ?? null];
  return JSON.stringify([
    ...[taskId, name, occurrence, position, kind, outcome, json, key, ...texts],
    ...[startedAt, endedAt ?? null, until ?? null, fence, tries, ...wait, hasUndo ? 'offered' : null],
  ]);
}
