// Rows of `task_steps` → values.
import type { RecordedStep, StepKind } from '../steps/step.ts';
import { parse, toPayload } from './rows.ts';

/** Results longer than this are read when their step is asked for: a task may have thousands of steps. */
const MAX_READ_WITH_STEP = 2048;

export const STEP_COLUMNS = `name, occurrence, position, kind, outcome, result_key, error, about, started_at, ended_at, until, attempt,
    tries, wait_type, wait_key, since, event_id, undo, undo_error, undo_tries, undone_at,
    CASE WHEN length(result) <= ${MAX_READ_WITH_STEP} THEN result END AS result, coalesce(length(result), 0) > ${MAX_READ_WITH_STEP} AS is_long`;

export interface StepRow {
  name: string;
  occurrence: number;
  position: number;
  kind: StepKind;
  outcome: RecordedStep['outcome'];
  result: string | null;
  is_long: number;
  result_key: string | null;
  error: string | null;
  about: string | null;
  started_at: number;
  ended_at: number | null;
  until: number | null;
  attempt: number;
  tries: number;
  wait_type: string | null;
  wait_key: string | null;
  since: number | null;
  event_id: string | null;
  undo: NonNullable<RecordedStep['undo']>['outcome'] | null;
  undo_error: string | null;
  undo_tries: number;
  undone_at: number | null;
}

export function toStep(row: StepRow): RecordedStep {
  const { wait_type: type, wait_key: key, since, undo } = row;
  return {
    name: row.name,
    occurrence: row.occurrence,
    position: row.position,
    kind: row.kind,
    outcome: row.outcome,
    result: toPayload(row.result, row.result_key),
    isLong: row.is_long === 1,
    error: parse(row.error),
    about: parse(row.about),
    startedAt: row.started_at,
    endedAt: row.ended_at ?? undefined,
    until: row.until ?? undefined,
    attempt: row.attempt,
    tries: row.tries,
    waitsFor: type === null || key === null ? undefined : { type, key, since: since ?? undefined },
    eventId: row.event_id ?? undefined,
    undo: undo === null ? undefined : undoOf(undo, row),
  };
}

function undoOf(outcome: NonNullable<StepRow['undo']>, row: StepRow): RecordedStep['undo'] {
  return { outcome, tries: row.undo_tries, error: parse(row.undo_error), at: row.undone_at ?? undefined };
}
