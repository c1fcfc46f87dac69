// A live feed for one test, and WebSocket clients that record what they receive. Tests wait for a message, never for a time.
import { runInDurableObject } from 'cloudflare:test';
import { env } from 'cloudflare:workers';
import { afterEach, expect, vi } from 'vitest';
import type { TaskUpdate } from '../../src/engine/manage.ts';
import { CALLER_HEADER } from '../../src/live/feed.ts';

export interface FeedMessage {
  id: number;
  events?: { task_id: string; name: string; queue: string; status: string; progress?: unknown; at: string }[];
  more?: number;
  reset?: true;
}

export interface FeedClient {
  /** All messages so far, including empty ones. */
  received: FeedMessage[];
  /** The updates of all messages, in order. */
  events(): NonNullable<FeedMessage['events']>;
  say(request: unknown): void;
  sayText(text: string | ArrayBuffer): void;
  /** Sends the request and resolves to the last message of the answer: an empty message, or a reset. */
  ask(request: unknown): Promise<FeedMessage>;
  /** Resolves to the code and the reason with which the feed closed the WebSocket. */
  closed: Promise<{ code: number; reason: string }>;
  close(): void;
  /** Text messages that are not JSON. */
  raw: string[];
}

const open: FeedClient[] = [];

afterEach(() => {
  for (const client of open.splice(0)) client.close();
});

/** The client of a response that must have upgraded to a WebSocket. */
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

/** A new feed that no other test uses. */
export function aFeed() {
  const stub = env.LIVE.getByName(crypto.randomUUID());
  return {
    stub,
    connect: () => feedClient(stub.fetch('https://live/', { headers: { upgrade: 'websocket' } })),
    /** Connects as this caller: the response. */
    connectAs: (caller: string) =>
      stub.fetch('https://live/', { headers: { upgrade: 'websocket', [CALLER_HEADER]: caller } }),
    publish: async (updates: readonly TaskUpdate[]) => {
      await stub.publish(updates);
    },
    /** When the feed's row in D1 ends, epoch milliseconds; null when there is none. */
    until: () =>
      env.DB.prepare('SELECT until FROM watchers WHERE name = ?').bind(stub.id.toString()).first<number>('until'),
    /** Puts the feed into the state in which no client was connected until after the row had ended. */
    lapse: () => runInDurableObject(stub, (_, { storage }) => storage.kv.put('until', Date.now() - 1)),
  };
}

export function anUpdate(about: Partial<TaskUpdate> = {}): TaskUpdate {
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

export const manyUpdates = (count: number) => Array.from({ length: count }, () => anUpdate());

export const idsOf = (client: FeedClient) => client.events().map(({ task_id }) => task_id);
