// The HTTP API, one function per call, through Hono's typed client: paths, inputs and replies are those of the Worker.
import { hc, type InferRequestType, type InferResponseType } from 'hono/client';
import type { App } from '../http/app.ts';
import { send } from './send.ts';

const client = hc<App>(location.origin, { fetch: send });
const { tasks, workflows, mailbox, definitions, keys, session, queues, schedules } = client;

export type Task = InferResponseType<(typeof tasks)[':id']['$get'], 200>;
export type TaskPage = InferResponseType<typeof tasks.$get, 200>;
export type TaskSummary = TaskPage['items'][number];
export type State = TaskSummary['status'];
type Attempts = InferResponseType<(typeof tasks)[':id']['attempts']['$get'], 200>;
export type Attempt = Attempts['items'][number];
export type TaskQuery = InferRequestType<typeof tasks.$get>['query'];
/** What `POST /tasks/revoke` and `/retry` find tasks by. */
export type TaskFilter = InferRequestType<typeof tasks.revoke.$post>['json']['filter'];
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
export type Stats = InferResponseType<typeof client.stats.$get, 200>;
export type Queue = InferResponseType<typeof queues.$get, 200>['items'][number];
export type Schedule = InferResponseType<typeof schedules.$get, 200>['items'][number];
export type NewSchedule = InferRequestType<typeof schedules.$post>['json'];
export type FilePage = InferResponseType<typeof client.files.$get, 200>;
export type StoredFile = FilePage['items'][number];

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
    body<Attempts>(tasks[':id'].attempts.$get({ param: { id } }, until(signal))),
  enqueue: (json: NewTask) => body<Task>(tasks.$post({ json, header: {} })),
  enqueueMany: (list: NewTask[]) => body<{ task_ids: string[] }>(tasks.batch.$post({ json: { tasks: list } as never })),
  revokeTask: (id: string) => body<Task>(tasks[':id'].revoke.$post({ param: { id } })),
  retryTask: (id: string) => body<Task>(tasks[':id'].retry.$post({ param: { id }, json: {} } as never)),
  /** Starts a task that revokes or retries everything that matches. */
  changeAll: (verb: 'revoke' | 'retry', filter: TaskFilter) =>
    body<{ task_id: string }>(tasks[verb].$post({ json: { filter } })),

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
  upload: (file: File) => body<{ task_id: string; file: string }>(client.upload.image.$post({ form: { file } })),

  stats: (since: string, signal?: Signal) => body<Stats>(client.stats.$get({ query: { since } }, until(signal))),
  queues: (signal?: Signal) => body<{ items: Queue[] }>(queues.$get({}, until(signal))),
  changeQueue: (verb: 'pause' | 'resume', name: string) =>
    body<Queue>(queues[':name'][verb].$post({ param: { name } })),
  schedules: (signal?: Signal) => body<{ items: Schedule[] }>(schedules.$get({}, until(signal))),
  makeSchedule: (json: NewSchedule) => body<Schedule>(schedules.$post({ json })),
  changeSchedule: (name: string, json: { paused: boolean }) =>
    body<Schedule>(schedules[':name'].$patch({ param: { name }, json })),
  deleteSchedule: (name: string) => schedules[':name'].$delete({ param: { name } }),
  runSchedule: (name: string) => body<Task>(schedules[':name'].run.$post({ param: { name } })),
  nextRuns: (name: string, signal?: Signal) =>
    body<{ items: string[] }>(schedules[':name'].next.$get({ param: { name }, query: { count: 10 } }, until(signal))),
  files: (query: InferRequestType<typeof client.files.$get>['query'], signal?: Signal) =>
    body<FilePage>(client.files.$get({ query }, until(signal))),
  /** A payload too large to stand in its task, as text. */
  text: async (path: string, signal?: Signal) => (await send(path, signal ? { signal } : {})).text(),
};

/** Where the bytes of a file are. */
export function fileUrl(key: string): string {
  return `/files/${key.split('/').map(encodeURIComponent).join('/')}`;
}
