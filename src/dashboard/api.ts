// Calls the HTTP API, one function per route. Hono's typed client takes paths, inputs and replies from the Worker's own types.
import { hc, type InferRequestType, type InferResponseType } from 'hono/client';
import type { App } from '../http/app.ts';
import { ApiError, send } from './send.ts';

const client = hc<App>(location.origin, { fetch: send });
const { tasks, workflows, mailbox, definitions, keys, session, queues, schedules, approvals, events } = client;

export type Task = InferResponseType<(typeof tasks)[':id']['$get'], 200>;
export type TaskPage = InferResponseType<typeof tasks.$get, 200>;
export type TaskSummary = TaskPage['items'][number];
export type State = TaskSummary['status'];
type Attempts = InferResponseType<(typeof tasks)[':id']['attempts']['$get'], 200>;
export type Attempt = Attempts['items'][number];
/** The steps of a task and what they cost. */
export type StepList = InferResponseType<(typeof tasks)[':id']['steps']['$get'], 200>;
export type Step = StepList['items'][number];
/** Which step of a task. */
export type StepName = Pick<Step, 'name' | 'occurrence'>;
export type ApprovalPage = InferResponseType<typeof approvals.$get, 200>;
export type Approval = ApprovalPage['items'][number];
export type NewEvent = InferRequestType<typeof events.$post>['json'];
export type EventReceipt = InferResponseType<typeof events.$post, 202>;
export type TaskQuery = InferRequestType<typeof tasks.$get>['query'];
/** The filter of `POST /tasks/revoke` and `POST /tasks/retry`. */
export type TaskFilter = InferRequestType<typeof tasks.revoke.$post>['json']['filter'];
/** Which tasks a bulk call changes. `includeSucceeded`: a retry also runs tasks again that succeeded. */
export interface BulkChange {
  verb: 'revoke' | 'retry';
  filter: TaskFilter;
  includeSucceeded?: boolean;
}
export type BulkCount = InferResponseType<typeof tasks.revoke.$post, 200>;
export type NewTask = InferRequestType<typeof tasks.$post>['json'];
export type WorkflowPage = InferResponseType<typeof workflows.$get, 200>;
export type Workflow = WorkflowPage['items'][number];
export type WholeWorkflow = InferResponseType<(typeof workflows)[':id']['$get'], 200>;
export type MailPage = InferResponseType<typeof mailbox.$get, 200>;
export type Mail = MailPage['items'][number];
export type Definition = InferResponseType<typeof definitions.$get, 200>['items'][number];
type PageQuery = { limit?: number; cursor?: string };
export type ApiKeyPage = InferResponseType<typeof keys.$get, 200>;
export type ApiKey = ApiKeyPage['items'][number];
export type Scope = ApiKey['scopes'][number];
export type Session = InferResponseType<typeof session.$get, 200>;
export type Stats = InferResponseType<typeof client.stats.$get, 200>;
export type QueueStatus = InferResponseType<typeof queues.$get, 200>['items'][number];
export type SchedulePage = InferResponseType<typeof schedules.$get, 200>;
export type Schedule = SchedulePage['items'][number];
type TimeRange = { from: string; to: string };
export type BackfillCount = InferResponseType<(typeof schedules)[':name']['backfill']['$post'], 200>;
export type NewSchedule = InferRequestType<typeof schedules.$post>['json'];
export type FilePage = InferResponseType<typeof client.files.$get, 200>;
export type StoredFile = FilePage['items'][number];

type Reply = Promise<{ json(): Promise<unknown> }>;
type Signal = AbortSignal | undefined;

/** `T` must be the type of a successful reply: send() throws for every other status. */
async function body<T>(reply: Reply): Promise<T> {
  return (await (await reply).json()) as T;
}

const retryJson = ({ filter, includeSucceeded = false }: BulkChange) => ({
  filter,
  include_succeeded: includeSucceeded,
});

const abortedBy = (signal: Signal) => (signal ? { init: { signal } } : {});

export const api = {
  session: (signal?: Signal) => body<Session>(session.$get({}, abortedBy(signal))),
  signIn: (apiKey: string) => body<Session>(session.$post({ json: { key: apiKey } })),
  signOut: () => session.$delete(),

  tasks: (query: TaskQuery, signal?: Signal) => body<TaskPage>(tasks.$get({ query }, abortedBy(signal))),
  task: (id: string, signal?: Signal) => body<Task>(tasks[':id'].$get({ param: { id }, query: {} }, abortedBy(signal))),
  attempts: (id: string, signal?: Signal) =>
    body<Attempts>(tasks[':id'].attempts.$get({ param: { id } }, abortedBy(signal))),
  enqueue: (json: NewTask) => body<Task>(tasks.$post({ json, header: {} })),
  enqueueMany: (list: NewTask[]) => body<{ task_ids: string[] }>(tasks.batch.$post({ json: { tasks: list } as never })),
  revokeTask: (id: string) => body<Task>(tasks[':id'].revoke.$post({ param: { id } })),
  retryTask: (id: string) => body<Task>(tasks[':id'].retry.$post({ param: { id }, json: {} } as never)),
  steps: (id: string, signal?: Signal) => body<StepList>(tasks[':id'].steps.$get({ param: { id } }, abortedBy(signal))),
  retryFrom: (id: string, from_step: StepName) =>
    body<Task>(tasks[':id'].retry.$post({ param: { id }, json: { from_step } } as never)),
  fork: (id: string, from_step: StepName) =>
    body<Task>(tasks[':id'].fork.$post({ param: { id }, json: { from_step }, header: {} })),
  approvals: (query: PageQuery, signal?: Signal) =>
    body<ApprovalPage>(approvals.$get({ query: query as never }, abortedBy(signal))),
  decide: (id: string, step: StepName, decision: { approved: boolean; note?: string }) =>
    body<Step>(tasks[':id'].approvals.$post({ param: { id }, json: { step, ...decision } })),
  sendEvent: (json: NewEvent) => body<EventReceipt>(events.$post({ json })),
  /** Counts the tasks that `changeAll` would change. */
  countAll: (change: BulkChange, signal?: Signal) =>
    body<BulkCount>(
      change.verb === 'revoke'
        ? tasks.revoke.$post({ json: { filter: change.filter, dry_run: true }, header: {} }, abortedBy(signal))
        : tasks.retry.$post({ json: { ...retryJson(change), dry_run: true }, header: {} }, abortedBy(signal)),
    ),
  /** Enqueues a task that revokes or retries all tasks that match the filter. */
  changeAll: (change: BulkChange) =>
    body<{ task_id: string }>(
      change.verb === 'revoke'
        ? tasks.revoke.$post({ json: { filter: change.filter }, header: {} })
        : tasks.retry.$post({ json: retryJson(change), header: {} }),
    ),

  workflows: (query: PageQuery & { text?: string; name?: string; tag?: string }, signal?: Signal) =>
    body<WorkflowPage>(workflows.$get({ query }, abortedBy(signal))),
  workflow: (id: string, signal?: Signal) =>
    body<WholeWorkflow>(workflows[':id'].$get({ param: { id }, query: { limit: 10_000 } }, abortedBy(signal))),
  changeWorkflow: (verb: 'revoke' | 'retry', id: string) =>
    body<WholeWorkflow>(workflows[':id'][verb].$post({ param: { id } })),

  mails: (query: PageQuery, signal?: Signal) => body<MailPage>(mailbox.$get({ query }, abortedBy(signal))),
  mail: (id: string, signal?: Signal) => body<Mail>(mailbox[':id'].$get({ param: { id } }, abortedBy(signal))),

  definitions: (signal?: Signal) => body<{ items: Definition[] }>(definitions.$get({}, abortedBy(signal))),
  apiKeys: (query: PageQuery, signal?: Signal) => body<ApiKeyPage>(keys.$get({ query }, abortedBy(signal))),
  createApiKey: (json: InferRequestType<typeof keys.$post>['json']) =>
    body<ApiKey & { key: string }>(keys.$post({ json })),
  revokeApiKey: (prefix: string) => body<ApiKey>(keys[':prefix'].$delete({ param: { prefix } })),

  register: (json: InferRequestType<typeof client.users.register.$post>['json']) =>
    body<{ task_id: string; email: string }>(client.users.register.$post({ json })),
  process: (json: Record<string, never>) =>
    body<{ task_id: string; workflow_id: string }>(client.process.$post({ json, header: {} })),
  upload: (file: File) =>
    body<{ task_id: string; file: string }>(client.upload.image.$post({ form: { file }, header: {} })),

  stats: (since: string, signal?: Signal) => body<Stats>(client.stats.$get({ query: { since } }, abortedBy(signal))),
  queues: (signal?: Signal) => body<{ items: QueueStatus[] }>(queues.$get({}, abortedBy(signal))),
  changeQueue: (verb: 'pause' | 'resume', name: string) =>
    body<QueueStatus>(queues[':name'][verb].$post({ param: { name } })),
  schedules: (query: PageQuery, signal?: Signal) => body<SchedulePage>(schedules.$get({ query }, abortedBy(signal))),
  createSchedule: (json: NewSchedule) => body<Schedule>(schedules.$post({ json })),
  changeSchedule: (name: string, json: { paused: boolean }) =>
    body<Schedule>(schedules[':name'].$patch({ param: { name }, json })),
  deleteSchedule: (name: string) => schedules[':name'].$delete({ param: { name } }),
  countMissed: (name: string, range: TimeRange, signal?: Signal) =>
    body<BackfillCount>(
      schedules[':name'].backfill.$post(
        { param: { name }, header: {}, json: { ...range, dry_run: true } },
        abortedBy(signal),
      ),
    ),
  backfill: (name: string, range: TimeRange) =>
    body<{ task_id: string; count: number }>(
      schedules[':name'].backfill.$post({ param: { name }, header: {}, json: range }),
    ),
  runSchedule: (name: string) => body<Task>(schedules[':name'].run.$post({ param: { name }, header: {} })),
  nextRuns: (name: string, signal?: Signal) =>
    body<{ items: string[] }>(
      schedules[':name'].next.$get({ param: { name }, query: { count: 10 } }, abortedBy(signal)),
    ),
  files: (query: InferRequestType<typeof client.files.$get>['query'], signal?: Signal) =>
    body<FilePage>(client.files.$get({ query }, abortedBy(signal))),
  /** The facts of a file; null if there is none with this file key. */
  file: async (fileKey: string, signal?: Signal) => {
    try {
      const { headers } = await send(fileUrl(fileKey), { method: 'HEAD', ...(signal && { signal }) });
      return {
        contentType: headers.get('content-type') ?? '',
        size: Number(headers.get('content-length')),
        storedAt: new Date(headers.get('last-modified') ?? '').toISOString(),
      };
    } catch (error) {
      if (error instanceof ApiError && error.status === 404) return null;
      throw error;
    }
  },
  /** The text of a payload that is too large for the task's own reply. */
  text: async (path: string, signal?: Signal) => (await send(path, signal ? { signal } : {})).text(),
};

/** The address of a file's bytes. */
export function fileUrl(fileKey: string): string {
  return `/files/${fileKey.split('/').map(encodeURIComponent).join('/')}`;
}

/** Whether the file can be shown as a picture: an upload may not be the picture that its type says. */
export function isPicture(fileKey: string, contentType: string): boolean {
  return fileKey.startsWith('outputs/') && contentType.startsWith('image/');
}
