// Calls the real Worker over HTTP, makes API keys for it, and makes apps with services that a test chooses.
import { env, exports } from 'cloudflare:workers';
import { expect, vi } from 'vitest';
import type { Scope } from '../../src/access/index.ts';
import { createRegistry, type Engine } from '../../src/engine/manage.ts';
import { createFiles } from '../../src/files/index.ts';
import { createApp } from '../../src/http/app.ts';
import type { HttpServices, HttpSettings } from '../../src/http/env.ts';
import type { TaskJson } from '../../src/http/task-json.ts';
import { allTasks } from '../../src/tasks/index.ts';
import { makeEngine } from './engine.ts';

// The queues are real and the machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

export const ORIGIN = 'https://errand.example';

/** The Worker or an app: it answers requests. */
export interface Service {
  fetch(request: Request): Response | Promise<Response>;
}

export const worker: Service = { fetch: (request) => exports.default.fetch(request) };

export interface Call {
  key?: string;
  /** Sent as JSON. */
  json?: unknown;
  body?: BodyInit;
  headers?: Record<string, string>;
  origin?: string;
}

/** One request: `await call('POST /tasks', { key, json })`. */
export async function call(line: string, options: Call = {}, service = worker): Promise<Response> {
  const [method = '', path = ''] = line.split(' ');
  const { key, json, body, headers, origin = ORIGIN } = options;
  const request = new Request(`${origin}${path}`, {
    method,
    headers: {
      ...(key !== undefined && { authorization: `Bearer ${key}` }),
      ...(json !== undefined && { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
    ...(body !== undefined && { body }),
  });
  return service.fetch(request);
}

/** The JSON of a reply that must have this status. */
export async function reply<Body>(status: number, response: Response | Promise<Response>): Promise<Body> {
  const answered = await response;
  const text = await answered.text();
  expect(answered.status, text).toBe(status);
  return JSON.parse(text) as Body;
}

export interface ProblemBody {
  type: string;
  title: string;
  status: number;
  detail?: string;
  instance: string;
  code: string;
  request_id: string;
  errors?: { path: string; message: string }[];
}

/** The problem document of a refusal. Checks its form (RFC 9457) and that it has the request id of the header. */
export async function problemOf(response: Response | Promise<Response>): Promise<ProblemBody> {
  const answered = await response;
  const text = await answered.text();
  expect(answered.headers.get('content-type'), text).toBe('application/problem+json');
  expect(answered.headers.get('x-content-type-options')).toBe('nosniff');
  const problem = JSON.parse(text) as ProblemBody;
  expect(problem.status).toBe(answered.status);
  expect(problem.type).toMatch(new RegExp(`^https://.+/docs/errors\\.md#${problem.code}$`));
  expect(problem.title).not.toBe('');
  expect(problem.request_id).toBe(answered.headers.get('x-request-id'));
  expect(problem.instance).toMatch(/^\//);
  return problem;
}

/** Writes an API key into the table. By default it has the scope `admin`. */
export async function aKey(
  about: { scopes?: Scope[]; expiresAt?: number; revokedAt?: number } = {},
): Promise<{ key: string; hash: string }> {
  const { scopes = ['admin'], expiresAt = null, revokedAt = null } = about;
  const key = `errand_${crypto.randomUUID()}`;
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(key));
  const hash = [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  await env.DB.prepare(
    `INSERT INTO api_keys (hash, prefix, name, scopes, created_at, expires_at, revoked_at)
     VALUES (?, ?, 'test', ?, 0, ?, ?)`,
  )
    .bind(hash, key.slice(0, 12), JSON.stringify(scopes), expiresAt, revokedAt)
    .run();
  return { key, hash };
}

/** An API key with the scope `admin`. */
export async function anAdminKey(): Promise<string> {
  return (await aKey()).key;
}

/** Enqueues on the real Worker and waits until the task is final. */
export async function run(key: string, name: string, input: unknown): Promise<TaskJson> {
  const { task_id } = await reply<TaskJson>(202, call('POST /tasks', { key, json: { name, input } }));
  return finish(key, task_id);
}

/**
 * Waits until the task is final. It polls instead of using `?wait=`, because the test pool switches off the flag that lets one
 * request wake another (handle_cross_request_promise_resolution).
 */
export function finish(key: string, taskId: string): Promise<TaskJson> {
  return vi.waitFor(
    async () => {
      const task = await reply<TaskJson>(200, call(`GET /tasks/${taskId}`, { key }));
      expect(task.finished_at, `task ${taskId} is ${task.status}`).not.toBeNull();
      return task;
    },
    { timeout: 15_000, interval: 20 },
  );
}

/** An app with services of the test. It is open on localhost; its queues keep messages and deliver none. */
export async function anApp(
  { settings, ...services }: Partial<Omit<HttpServices, 'settings'>> & { settings?: Partial<HttpSettings> } = {},
  engine: Partial<Engine> = {},
) {
  const made = await makeEngine([], { registry: createRegistry(allTasks({ demo: true })), ...engine });
  const app = createApp({
    engine: made,
    db: engine.db ?? env.DB,
    files: createFiles(env.FILES),
    settings: {
      AUTH: 'open',
      MAIL_PROVIDER: 'mailbox',
      KEY_RATE_LIMIT: 6000,
      REGISTER_RATE_LIMIT: 20,
      MAX_STREAMS: 1000,
      MAX_STREAMS_PER_KEY: 500,
      ...settings,
    },
    allow: async () => ({ allowed: true, retryAfterSeconds: 0 }),
    connect: () => env.LIVE.getByName('all').fetch('https://live/', { headers: { upgrade: 'websocket' } }),
    ...services,
  });
  const service: Service = { fetch: (request) => app.fetch(request, env) };
  return {
    app,
    engine: made,
    service,
    /** Sends a request to http://localhost, where the mode `open` answers. */
    call: (line: string, options: Call = {}) => call(line, { origin: 'http://localhost', ...options }, service),
  };
}

/** A database whose calls all fail, as D1's do when it does not answer. */
export function awayDb(message = 'D1_ERROR: Network connection lost.'): D1Database {
  const fail = async () => {
    throw new Error(message);
  };
  const statement = { bind: () => statement, first: fail, run: fail, all: fail, raw: fail };
  return { prepare: () => statement, batch: fail, exec: fail } as unknown as D1Database;
}

/** The number of rows in a table. */
export async function countRows(table: 'tasks' | 'users' | 'mailbox'): Promise<number> {
  return (await env.DB.prepare(`SELECT count(*) AS n FROM ${table}`).first<number>('n')) ?? 0;
}
