// Rows ↔ values: the only place that knows both snake_case columns and camelCase fields.

import type { QueueName } from '../queues.ts';
import type { State } from '../state.ts';
import type { Progress } from '../task.ts';

/** Why a task is not SUCCESS, as stored and shown. */
export interface TaskError {
  /** `error` for what a task threw; `timeout`, `poisoned`, `expired`, `revoked`, … for what the engine decided. */
  code: string;
  /** The class of the error, as in Celery's result backend. */
  type: string;
  message: string;
  traceback?: string;
}

export interface LogLine {
  /** Epoch milliseconds. */
  at: number;
  message: string;
  fields?: Record<string, unknown>;
}

/** A task without its payloads: what lists show. */
export interface TaskSummary {
  id: string;
  name: string;
  queue: QueueName;
  state: State;
  error: TaskError | undefined;
  progress: Progress | undefined;
  tags: string[];
  workflowId: string | undefined;
  attempts: number;
  crashes: number;
  maxRetries: number;
  createdAt: number;
  dueAt: number;
  expiresAt: number | undefined;
  startedAt: number | undefined;
  finishedAt: number | undefined;
}

export interface Task extends TaskSummary {
  /** JSON text, or the key of the payload that holds it. */
  input: Payload;
  result: Payload | undefined;
}

export type Payload = { json: string } | { key: string };

export interface Attempt {
  number: number;
  outcome: 'STARTED' | 'SUCCESS' | 'FAILURE' | 'RETRY' | 'REVOKED' | 'SNOOZED' | 'CRASHED';
  startedAt: number;
  finishedAt: number | undefined;
  error: TaskError | undefined;
  logs: LogLine[];
}

/** The columns of a TaskSummary, for SELECT. */
export const SUMMARY_COLUMNS =
  'id, name, queue, state, error, progress, tags, attempt, crashes, max_retries, created_at, due_at, expires_at, started_at, finished_at, workflow_id';
export const TASK_COLUMNS = `${SUMMARY_COLUMNS}, input, input_key, result, result_key`;

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
}

export interface TaskRow extends SummaryRow {
  input: string | null;
  input_key: string | null;
  result: string | null;
  result_key: string | null;
}

export interface AttemptRow {
  number: number;
  outcome: Attempt['outcome'];
  started_at: number;
  finished_at: number | null;
  error: string | null;
  logs: string | null;
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
  };
}

export function toTask(row: TaskRow): Task {
  return {
    ...toSummary(row),
    input: toPayload(row.input, row.input_key) ?? { json: 'null' },
    result: toPayload(row.result, row.result_key),
  };
}

export function toAttempt(row: AttemptRow): Attempt {
  return {
    number: row.number,
    outcome: row.outcome,
    startedAt: row.started_at,
    finishedAt: row.finished_at ?? undefined,
    error: parse<TaskError>(row.error),
    logs: parse<LogLine[]>(row.logs) ?? [],
  };
}

export function toPayload(json: string | null, key: string | null): Payload | undefined {
  if (key !== null) return { key };
  return json === null ? undefined : { json };
}

function parse<T>(json: string | null): T | undefined {
  return json === null ? undefined : (JSON.parse(json) as T);
}
