// Rows of `tasks` and `attempts` ↔ values. Statements elsewhere name the few columns they need by aliases of their own.
import type { QueueName } from '../queues.ts';
import type { State } from '../state.ts';
import type {
  Attempt,
  BatchRun,
  LogLine,
  Payload,
  Progress,
  SnoozeReason,
  Task,
  TaskError,
  TaskSummary,
  Undoing,
  Version,
} from '../task.ts';

/** The columns of a TaskSummary, for SELECT. */
export const SUMMARY_COLUMNS =
  'id, name, queue, state, error, progress, tags, attempt, crashes, max_retries, created_at, due_at, expires_at, started_at, finished_at, workflow_id, version';
export const TASK_COLUMNS = `${SUMMARY_COLUMNS}, input, input_key, result, result_key, undoing, forked_from`;

export interface SummaryRow {
  id: string;
  name: string;
  queue: QueueName;
  state: State;
  error: string | null;
  progress: string | null;
  tags: string | null;
  attempt: number;
  crashes: number;
  max_retries: number;
  created_at: number;
  due_at: number;
  expires_at: number | null;
  started_at: number | null;
  finished_at: number | null;
  workflow_id: string | null;
  version: string | null;
}

export interface TaskRow extends SummaryRow {
  input: string | null;
  input_key: string | null;
  result: string | null;
  result_key: string | null;
  undoing: string | null;
  forked_from: string | null;
}

export interface AttemptRow {
  number: number;
  outcome: Attempt['outcome'];
  started_at: number;
  finished_at: number | null;
  error: string | null;
  reason: string | null;
  logs: string | null;
  version: string | null;
  batch: string | null;
}

export function toSummary(row: SummaryRow): TaskSummary {
  return {
    id: row.id,
    name: row.name,
    queue: row.queue,
    state: row.state,
    error: parse<TaskError>(row.error),
    progress: parse<Progress>(row.progress),
    tags: parse<string[]>(row.tags) ?? [],
    workflowId: row.workflow_id ?? undefined,
    attempts: row.attempt,
    crashes: row.crashes,
    maxRetries: row.max_retries,
    createdAt: row.created_at,
    dueAt: row.due_at,
    expiresAt: row.expires_at ?? undefined,
    startedAt: row.started_at ?? undefined,
    finishedAt: row.finished_at ?? undefined,
    version: toVersion(row.version),
  };
}

function toVersion(json: string | null): Version | undefined {
  const { id, tag } = parse<{ id: string; tag?: string }>(json) ?? {};
  return id === undefined ? undefined : { id, tag };
}

export function toTask(row: TaskRow): Task {
  return {
    ...toSummary(row),
    input: toPayload(row.input, row.input_key) ?? { json: 'null' },
    result: toPayload(row.result, row.result_key),
    undoing: parse<Undoing>(row.undoing),
    forkedFrom: row.forked_from ?? undefined,
  };
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    number: row.number,
    outcome: row.outcome,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    error: parse<TaskError>(row.error),
    reason: parse<SnoozeReason>(row.reason),
    version: toVersion(row.version),
    batch: parse<BatchRun>(row.batch),
    logs: parse<LogLine[]>(row.logs) ?? [],
  };
}

export function toPayload(json: string | null, key: string | null): Payload | undefined {
  if (key !== null) return { key };
  return json === null ? undefined : { json };
}

/** The value of a JSON column. */
export function parse<T>(json: string | null): T | undefined {
  return json === null ? undefined : (JSON.parse(json) as T);
}
