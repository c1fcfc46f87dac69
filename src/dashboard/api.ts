// The HTTP API, one function per call, through Hono's typed client: paths, inputs and replies are those of the Worker.
import { hc, type InferRequestType, type InferResponseType } from 'hono/client';
import type { App } from '../http/app.ts';
import type { NewSchedule, Queue, Schedule, Stats, StoredFile, TaskFilter } from './contract.ts';
import { send } from './send.ts';

const client = hc<App>(location.origin, { fetch: send });
const { tasks, workflows, mailbox, definitions, keys, session } = client;

export type Task = InferResponseType<(typeof tasks)[':id']['$get'], 200>;
export type TaskPage = InferResponseType<typeof tasks.$get, 200>;
export type TaskSummary = TaskPage['items'][number];
export type State = TaskSummary['status'];
export type Attempt = InferResponseType<(typeof tasks)[':id']['attempts']['$get'], 200>['items'][number];
export type TaskQuery = InferRequestType<typeof tasks.$get>['query'];
export type NewTask = InferRequestType<typeof tasks.$post>['json'];
export type WorkflowPage = InferResponseType<typeof workflows.$get, 200>;
export type Workflow = WorkflowPage['items'][number];
export type WholeWorkflow = InferResponseType<(typeof workflows)[':id']['$get'], 200>;
export type MailPage = InferResponseType<typeof mailbox.$get, 200>;
export type Mail = MailPage['items'][number];
export type Definition = InferResponseType<typeof definitions.$get, 200>['items'][number];
export type Key = InferResponseType<typeof keys.$get, 200>['items'][number];
export type Scope = Key['scopes'][number];
export type Session = InferResponseType<typeof session.$get, 200>;

type Reply = Promise<{ json(): Promise<unknown> }>;
type Signal = AbortSignal | undefined;

/** send() threw for everything but success, so what is left is the reply that `T` was inferred from. */
async function body<T>(reply: Reply): Promise<T> {
  return (await (await reply).json()) as T;
}

const until = (signal: Signal) => (signal ? { init: { signal } } : {});

export const api = {
  session: (signal?: Signal) => body<Session>(session.$get({}, until(signal))),
  signIn: (key: string) => body<Session>(session.$post({ json: { key } })),
  signOut: () => session.$delete(),

  tasks: (query: TaskQuery, signal?: Signal) => body<TaskPage>(tasks.$get({ query }, until(signal))),
  task: (id: string, signal?: Signal) => body<Task>(tasks[':id'].$get({ param: { id }, query: {} }, until(signal))),
  attempts: (id: string, signal?: Signal) =>
    body<{ items: Attempt[] }>(tasks[':id'].attempts.$get({ param: { id } }, until(signal))),
  enqueue: (json: NewTask) => body<Task>(tasks.$post({ json, header: {} })),
  enqueueMany: (list: NewTask[]) => body<{ task_ids: string[] }>(tasks.batch.$post({ json: { tasks: list } as never })),
  revokeTask: (id: string) => body<Task>(tasks[':id'].revoke.$post({ param: { id } })),
  retryTask: (id: string) => body<Task>(tasks[':id'].retry.$post({ param: { id }, json: {} } as never)),
  /** Starts a task that revokes or retries everything that matches. */
  changeAll: (verb: 'revoke' | 'retry', filter: TaskFilter) =>
    call<{ task_id: string }>('POST', `/tasks/${verb}`, { filter }),

  workflows: (query: { limit?: number; cursor?: string }, signal?: Signal) =>
    body<WorkflowPage>(workflows.$get({ query }, until(signal))),
  workflow: (id: string, signal?: Signal) =>
    body<WholeWorkflow>(workflows[':id'].$get({ param: { id }, query: { limit: 10_000 } }, until(signal))),
  changeWorkflow: (verb: 'revoke' | 'retry', id: string) =>
    body<WholeWorkflow>(workflows[':id'][verb].$post({ param: { id } })),

  mails: (query: { limit?: number; cursor?: string }, signal?: Signal) =>
    body<MailPage>(mailbox.$get({ query }, until(signal))),
  mail: (id: string, signal?: Signal) => body<Mail>(mailbox[':id'].$get({ param: { id } }, until(signal))),

  definitions: (signal?: Signal) => body<{ items: Definition[] }>(definitions.$get({}, until(signal))),
  keys: (signal?: Signal) => body<{ items: Key[] }>(keys.$get({}, until(signal))),
  makeKey: (json: InferRequestType<typeof keys.$post>['json']) => body<Key & { key: string }>(keys.$post({ json })),
  revokeKey: (prefix: string) => body<Key>(keys[':prefix'].$delete({ param: { prefix } })),

  register: (json: InferRequestType<typeof client.users.register.$post>['json']) =>
    body<{ task_id: string; email: string }>(client.users.register.$post({ json })),
  process: (json: Record<string, never>) =>
    body<{ task_id: string; workflow_id: string }>(client.process.$post({ json })),
  upload: (file: File) => {
    const form = new FormData();
    form.append('file', file);
    return call<{ task_id: string; file: string }>('POST', '/upload/image', form);
  },

  stats: (since: string, signal?: Signal) =>
    call<Stats>('GET', `/stats?since=${encodeURIComponent(since)}`, undefined, signal),
  queues: (signal?: Signal) => call<{ items: Queue[] }>('GET', '/queues', undefined, signal),
  changeQueue: (verb: 'pause' | 'resume', name: string) =>
    call<Queue>('POST', `/queues/${encodeURIComponent(name)}/${verb}`),
  schedules: (signal?: Signal) => call<{ items: Schedule[] }>('GET', '/schedules', undefined, signal),
  makeSchedule: (json: NewSchedule) => call<Schedule>('POST', '/schedules', json),
  changeSchedule: (name: string, json: { paused: boolean }) =>
    call<Schedule>('PATCH', `/schedules/${encodeURIComponent(name)}`, json),
  deleteSchedule: (name: string) => call<unknown>('DELETE', `/schedules/${encodeURIComponent(name)}`),
  runSchedule: (name: string) => call<{ task_id: string }>('POST', `/schedules/${encodeURIComponent(name)}/run`),
  nextRuns: (name: string, signal?: Signal) =>
    call<{ items: string[] }>('GET', `/schedules/${encodeURIComponent(name)}/next?count=10`, undefined, signal),
  files: (query: Record<string, string>, signal?: Signal) =>
    call<{ items: StoredFile[]; next_cursor: string | null }>(
      'GET',
      `/files?${new URLSearchParams(query)}`,
      undefined,
      signal,
    ),
  /** A payload too large to stand in its task, as text. */
  text: async (path: string, signal?: Signal) => (await send(path, signal ? { signal } : {})).text(),
};

/** A call of a route that the typed client does not know. */
async function call<T>(method: string, path: string, json?: unknown, signal?: Signal): Promise<T> {
  const form = json instanceof FormData;
  const reply = await send(path, {
    method,
    ...(json !== undefined && { body: form ? json : JSON.stringify(json) }),
    ...(json !== undefined && !form && { headers: { 'content-type': 'application/json' } }),
    ...(signal && { signal }),
  });
  const text = await reply.text();
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

/** Where the bytes of a file are. */
export function fileUrl(key: string): string {
  return `/files/${key.split('/').map(encodeURIComponent).join('/')}`;
}
