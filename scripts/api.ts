// A small client of the HTTP API for the demo and the chaos test. Throws an error with the reply's text for a failed call.
import { setTimeout as wait } from 'node:timers/promises';

/** A task as `GET /tasks/{id}` shows it (only the fields used here). */
export interface Task {
  task_id: string;
  name: string;
  status: string;
  progress: { percent: number | null; message: string | null; current: number | null; total: number | null } | null;
  result: unknown;
  error: unknown;
  attempts: number;
  /** Instants are ISO 8601. */
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  eta: string | null;
  workflow_id: string | null;
  tags: string[];
  duplicate?: boolean;
}

export interface Reply<T> {
  status: number;
  headers: Headers;
  body: T;
}

const finalStates = ['SUCCESS', 'FAILURE', 'REVOKED'];

export function isFinal(task: Task): boolean {
  return finalStates.includes(task.status);
}

export type Api = ReturnType<typeof createApi>;

/** A client for the Worker at `origin` (open mode, without an API key). `signal` aborts every call. */
export function createApi(origin: string, signal?: AbortSignal) {
  async function call<T>(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Reply<T>> {
    const form = body instanceof FormData;
    const reply = await fetch(new URL(path, origin), {
      method,
      headers: { ...(body !== undefined && !form && { 'content-type': 'application/json' }), ...headers },
      body: body === undefined ? null : form ? body : JSON.stringify(body),
      signal: signal ?? null,
    });
    const text = await reply.text();
    if (!reply.ok) throw new Error(`${method} ${path} answered with status ${reply.status}: ${text.slice(0, 600)}`);
    const parsed: unknown = text === '' ? undefined : JSON.parse(text);
    return { status: reply.status, headers: reply.headers, body: parsed as T };
  }

  const api = {
    origin,
    call,
    get: async <T>(path: string): Promise<T> => (await call<T>('GET', path)).body,
    post: <T>(path: string, body: unknown, headers?: Record<string, string>): Promise<Reply<T>> =>
      call<T>('POST', path, body, headers),

    async bytes(path: string): Promise<{ bytes: Uint8Array; type: string }> {
      const reply = await fetch(new URL(path, origin), { signal: signal ?? null });
      if (!reply.ok)
        throw new Error(`GET ${path} answered with status ${reply.status}: ${(await reply.text()).slice(0, 600)}`);
      return { bytes: new Uint8Array(await reply.arrayBuffer()), type: reply.headers.get('content-type') ?? '' };
    },

    task: (id: string): Promise<Task> => api.get<Task>(`/tasks/${id}`),

    /** Loads a task every 100 ms until it is final. `onChange` receives every reply. */
    async follow(id: string, onChange: (task: Task) => void = () => {}, timeoutSeconds = 60): Promise<Task> {
      const deadline = performance.now() + timeoutSeconds * 1000;
      for (;;) {
        const task = await api.task(id);
        onChange(task);
        if (isFinal(task)) return task;
        if (performance.now() > deadline) {
          throw new Error(`Task ${id} is still ${task.status} after ${timeoutSeconds} s.`);
        }
        await wait(100);
      }
    },

    /** True if at least one task has this status. */
    async any(status: string, filter = ''): Promise<boolean> {
      return (await api.get<{ items: Task[] }>(`/tasks?status=${status}&limit=1${filter}`)).items.length > 0;
    },

    /** All tasks that match `query`, from all pages. */
    async all(query: string): Promise<Task[]> {
      const found: Task[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: { items: Task[]; next_cursor: string | null } = await api.get(
          `/tasks?limit=1000&${query}${cursor ? `&cursor=${encodeURIComponent(cursor)}` : ''}`,
        );
        found.push(...page.items);
        cursor = page.next_cursor ?? null;
      }
      return found;
    },
  };
  return api;
}

/** @throws Error `Expected …` if `holds` is false. */
export function expect(holds: boolean, expectation: string): asserts holds {
  if (!holds) throw new Error(`Expected ${expectation}.`);
}
