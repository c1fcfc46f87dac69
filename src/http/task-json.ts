// A task on the wire: snake_case, ISO 8601 instants in UTC, payloads as JSON.
import { z } from '@hono/zod-openapi';
import {
  type Engine,
  findRelatives,
  type NotTaken,
  QUEUE_NAMES,
  type Receipt,
  STATES,
  type Task,
  type TaskError,
  type TaskSummary,
  type Version,
  type Waiting,
  type WaitReason,
} from '../engine/manage.ts';
import { iso, isoInstant, isoOrNull } from './iso.ts';

/** A larger payload is not part of the task's JSON: it has a URL of its own, `input_url` or `result_url`. */
const MAX_INLINE_BYTES = 1_048_576;

/** Without the traceback. */
export const TaskErrorJson = z.object({ code: z.string(), type: z.string(), message: z.string() });

export const VersionJson = z
  .object({
    id: z.string(),
    tag: z.string().nullable().describe('The tag that `wrangler deploy --tag` gave it; null: none'),
  })
  .nullable()
  .describe(
    'The deployed version of the Worker under which it ran; for a task, its last attempt. null: it has not run, or the version is not known',
  )
  .openapi('Version');

export const TaskSummaryJson = z
  .object({
    task_id: z.uuid(),
    name: z.string(),
    queue: z.enum(QUEUE_NAMES),
    status: z.enum(STATES),
    progress: z
      .object({
        percent: z.number().nullable(),
        message: z.string().nullable(),
        current: z.number().nullable(),
        total: z.number().nullable(),
      })
      .nullable(),
    error: TaskErrorJson.nullable(),
    attempts: z.int().describe('Attempts so far, without snoozed ones'),
    crashes: z.int().describe('Of these attempts, those whose isolate died. They use up no retry'),
    max_retries: z.int(),
    eta: isoInstant.nullable().describe('Not started before this instant; null: due at once'),
    expires: isoInstant.nullable(),
    created_at: isoInstant,
    started_at: isoInstant.nullable(),
    finished_at: isoInstant.nullable(),
    workflow_id: z.uuid().nullable(),
    tags: z.array(z.string()),
    version: VersionJson,
  })
  .openapi('TaskSummary');

/** What a receipt says about a request that an earlier task stands in for. */
export const duplicateFields = {
  since: isoInstant.optional().describe('When the earlier task was enqueued'),
  replaced: z.boolean().optional().describe('That task had not started and took over everything this request asks for'),
  not_taken: z
    .array(
      z.enum([
        'background',
        'callback_url',
        'countdown',
        'eta',
        'expires',
        'input',
        'max_retries',
        'queue',
        'tags',
        'unique',
      ]),
    )
    .optional()
    .describe('What this request asks for and the earlier task does not have: options, or its `input`'),
};

/** What the reply to a repeated request says beside the task or workflow of the first one. */
export const repeatFields = {
  duplicate: z.boolean().optional().describe('An earlier request with the same idempotency key stands in for this one'),
  since: isoInstant.optional().describe('When the earlier request was accepted'),
};

const WAIT_REASONS = [
  'parents',
  'unknown_task',
  'paused',
  'rate_limit',
  'circuit',
  'retry',
  'sleep',
  'event',
  'approval',
  'step',
  'eta',
  'concurrency',
  'queue',
] as const satisfies readonly WaitReason[];

export const WaitingJson = z
  .object({
    reason: z.enum(WAIT_REASONS),
    of: z
      .string()
      .nullable()
      .describe(
        'What it waits for: the queue, the definition, the concurrency key, the dependency, the step, the type and key of the event, or the id of the first unfinished parent. For `retry`: why the last attempt did not succeed, as a code',
      ),
    by: z.string().nullable().describe('The name of the API key that paused the queue'),
    since: isoInstant.describe('For `paused`, the beginning of the pause; else when this wait began'),
    next_at: isoInstant.nullable().describe('The earliest start; null: not known'),
    ahead: z
      .int()
      .nullable()
      .describe(
        'For `parents`, the unfinished parents. For `rate_limit`, the starts that the limit allows before this one. For `concurrency` and `queue`, the waiting tasks that became due earlier, counted up to 1,000',
      ),
  })
  .openapi('Waiting');

export const TaskJson = TaskSummaryJson.extend({
  parents: z.array(z.uuid()).describe('The tasks it waits for in its workflow, at most 1,000'),
  children: z.array(z.uuid()).describe('The tasks that wait for it, at most 1,000'),
  waiting: WaitingJson.nullable()
    .optional()
    .describe('Why it does not run yet; null: it runs or is final. Only GET /tasks/{id} says it'),
  input: z.unknown(),
  result: z.unknown().describe('null until SUCCESS'),
  input_url: z.string().optional().describe('The address of a large input; then `input` is null'),
  result_url: z.string().optional().describe('The address of a large result; then `result` is null'),
  traceback: z.string().optional(),
  undoing: z
    .object({ status: z.enum(['FAILURE', 'REVOKED']), error: TaskErrorJson })
    .nullable()
    .describe('How the task ends once the undos of its steps have run; null: no undo is running'),
  forked_from: z.uuid().nullable().describe('The task whose first steps this one began with'),
  duplicate: z.boolean().optional().describe('This is an earlier task with the same dedupe key'),
  ...duplicateFields,
}).openapi('Task');

export type TaskJson = z.infer<typeof TaskJson>;

export function summaryJson(task: TaskSummary): z.infer<typeof TaskSummaryJson> {
  return {
    task_id: task.id,
    name: task.name,
    queue: task.queue,
    status: task.state,
    progress: task.progress ?? null,
    error: task.error ? errorJson(task.error) : null,
    attempts: task.attempts,
    crashes: task.crashes,
    max_retries: task.maxRetries,
    eta: task.dueAt > task.createdAt ? iso(task.dueAt) : null,
    expires: isoOrNull(task.expiresAt),
    created_at: iso(task.createdAt),
    started_at: isoOrNull(task.startedAt),
    finished_at: isoOrNull(task.finishedAt),
    workflow_id: task.workflowId ?? null,
    tags: task.tags,
    version: versionJson(task.version),
  };
}

export function versionJson(version: Version | undefined): z.infer<typeof VersionJson> {
  return version ? { id: version.id, tag: version.tag ?? null } : null;
}

/** Without the traceback. */
export function errorJson({ code, type, message }: TaskError): z.infer<typeof TaskErrorJson> {
  return { code, type, message };
}

/** Reads the payloads, unless they are large. */
export async function taskJson(engine: Engine, task: Task): Promise<TaskJson> {
  const [input, result, relatives] = await Promise.all([
    payloadJson(engine, task.input),
    task.result ? payloadJson(engine, task.result) : { value: null },
    task.workflowId === undefined ? { parents: [], children: [] } : findRelatives(engine, task.id),
  ]);
  const { undoing } = task;
  const at = `/tasks/${task.id}`;
  return {
    ...summaryJson(task),
    ...relatives,
    input: input.value,
    result: result.value,
    ...('large' in input && { input_url: `${at}/input` }),
    ...('large' in result && { result_url: `${at}/result` }),
    ...(task.error?.traceback !== undefined && { traceback: task.error.traceback }),
    undoing: undoing ? { status: undoing.state, error: errorJson(undoing.error) } : null,
    forked_from: task.forkedFrom ?? null,
  };
}

export function waitingJson({ reason, of, by, since, nextAt, ahead }: Waiting): z.infer<typeof WaitingJson> {
  return {
    reason,
    of: of ?? null,
    by: by ?? null,
    since: iso(since),
    next_at: isoOrNull(nextAt),
    ahead: ahead ?? null,
  };
}

/** A payload's value, unless it is too large for a reply. */
export async function payloadJson(
  engine: Engine,
  payload: Task['input'],
): Promise<{ value: unknown } | { value: null; large: true }> {
  if ('json' in payload) return { value: JSON.parse(payload.json) };
  const json = await engine.payloads.get(payload.key, { maxBytes: MAX_INLINE_BYTES });
  return json === undefined ? { value: null, large: true } : { value: JSON.parse(json) };
}

const ON_THE_WIRE: Record<NotTaken, NonNullable<TaskJson['not_taken']>[number]> = {
  background: 'background',
  callbackUrl: 'callback_url',
  countdown: 'countdown',
  eta: 'eta',
  expires: 'expires',
  input: 'input',
  maxRetries: 'max_retries',
  queue: 'queue',
  tags: 'tags',
  unique: 'unique',
};

/** What the receipt of a duplicate adds to its task. Empty for any other receipt. */
export function duplicateJson(receipt: Omit<Receipt, 'taskId'>) {
  return receipt.duplicate ? { duplicate: true, ...standInJson(receipt) } : {};
}

/** What a receipt says about the earlier task, beside its id. */
export function standInJson({ since, replaced, notTaken }: Pick<Receipt, 'since' | 'replaced' | 'notTaken'>) {
  return {
    ...(since !== undefined && { since: iso(since) }),
    ...(replaced && { replaced }),
    ...(notTaken && { not_taken: notTaken.map((option) => ON_THE_WIRE[option]) }),
  };
}
