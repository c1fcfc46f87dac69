// Feeds of a test's own and their clients: what a WebSocket received, and waiting for it without sleeping for luck.
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, expect, vi } from 'vitest';
import type { TaskUpdate } from '../../src/engine/manage.ts';

export interface FeedMessage {
  id: number;
  events?: { task_id: string; name: string; queue: string; status: string; progress?: unknown; at: string }[];
  more?: number;
  reset?: true;
}

export interface FeedClient {
  /** Every message so far, also those that are empty. */
  received: FeedMessage[];
  /** The events of all messages, in order. */
  events(): NonNullable<FeedMessage['events']>;
  say(request: unknown): void;
  sayText(text: string | ArrayBuffer): void;
  /** Says it, and resolves with the answer that ends it: an empty message, or a reset. */
  ask(request: unknown): Promise<FeedMessage>;
  /** Resolves with the close event's code and reason. */
  closed: Promise<{ code: number; reason: string }>;
  close(): void;
  /** Text messages that are not JSON. */
  raw: string[];
}

const open: FeedClient[] = [];

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

/** The client's side of a response that must have upgraded. */
export async function feedClient(response: Response | Promise<Response>): Promise<FeedClient> {
  const { status, webSocket } = await response;
  expect(status).toBe(101);
  if (!webSocket) throw new Error('no WebSocket');
  const received: FeedMessage[] = [];
  const raw: string[] = [];
  const closed = new Promise<{ code: number; reason: string }>((resolve) => {
    webSocket.addEventListener('close', ({ code, reason }) => resolve({ code, reason }));
  });
  webSocket.addEventListener('message', ({ data }) => {
    if (typeof data === 'string' && data.startsWith('{')) received.push(JSON.parse(data) as FeedMessage);
    else raw.push(String(data));
  });
  webSocket.accept();
  const say = (request: unknown) => webSocket.send(JSON.stringify(request));
  const client: FeedClient = {
    received,
    raw,
    events: () => received.flatMap(({ events = [] }) => events),
    say,
    sayText: (text) => webSocket.send(text),
    async ask(request) {
      const from = received.length;
      say(request);
      return vi.waitFor(() => {
        const answer = received.slice(from).find(({ reset, events }) => reset || events?.length === 0);
        if (!answer) throw new Error(`no answer yet to ${JSON.stringify(request)}`);
        return answer;
      });
    },
    closed,
    close: () => webSocket.close(),
  };
  open.push(client);
  return client;
}

/** A feed of the test's own. */
export function aFeed() {
  const stub = env.LIVE.getByName(crypto.randomUUID());
  return {
    stub,
    connect: () => feedClient(stub.fetch('https://live/', { headers: { upgrade: 'websocket' } })),
    publish: async (events: readonly TaskUpdate[]) => {
      await stub.publish(events);
    },
    /** When the row in D1 ends, epoch milliseconds; null when there is none. */
    until: () =>
      env.DB.prepare('SELECT until FROM watchers WHERE name = ?').bind(stub.id.toString()).first<number>('until'),
    /** As if no client had been connected for longer than the row lasts. */
    lapse: () => runInDurableObject(stub, (_, { storage }) => storage.kv.put('until', Date.now() - 1)),
  };
}

export function anEvent(about: Partial<TaskUpdate> = {}): TaskUpdate {
  return {
    taskId: crypto.randomUUID(),
    name: 'test.scripted',
    queue: 'default',
    state: 'SUCCESS',
    progress: undefined,
    workflowId: undefined,
    at: 1_700_000_000_000,
    ...about,
  };
}

export const manyEvents = (count: number) => Array.from({ length: count }, () => anEvent());

export const idsOf = (client: FeedClient) => client.events().map(({ task_id }) => task_id);
