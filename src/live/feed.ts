// The live feed: one Durable Object that passes task updates from the engine on to its WebSockets. While a client is connected,
// its alarm renews a row in D1; without that row the engine publishes nothing. The object sleeps between messages, so it must
// never keep anything it needs only in memory. An update may be lost: D1 holds the truth.
import { DurableObject } from 'cloudflare:workers';
import { consoleLogger, systemClock, type TaskUpdate } from '../engine/manage.ts';
import {
  type FeedRequest,
  parseRequest,
  resetText,
  type TaskUpdateJson,
  updateJson,
  updatesText,
} from './feed-messages.ts';
import { openHistory, removeWatcher, renewWatcher } from './store.ts';
import { newSubscriber, readSubscriber, type Subscriber, type Subscription, writeSubscriber } from './subscriber.ts';

export const MAX_SUBSCRIBERS = 500;
/** Half of them, so that no API key can take all connections. */
export const MAX_SUBSCRIBERS_PER_CALLER = 250;
/** The header with the caller of the request. */
export const CALLER_HEADER = 'x-caller';
export const MAX_REQUESTS_PER_MINUTE = 30;
/** A WebSocket is closed after this time. The client connects again with its API key, so a revoked key stops working. */
export const MAX_AGE_MS = 5 * 60_000;
/** The most characters that are sent to one client. What a client does not read fills memory that all clients share. */
export const MAX_SENT_CHARACTERS = 4_000_000;
/** How long a row in D1 is valid, how often it is renewed, and the age below which it is not renewed. */
const WATCH_MS = 90_000;
const RENEW_MS = 30_000;
const YOUNG_MS = 15_000;
/** Clocks differ between machines. A row that ends within this time may have ended for another machine. */
const SKEW_MS = 5000;
/** WebSocket close codes (RFC 6455, 7.4.1). */
const GOING_AWAY = 1001;
const NOT_UNDERSTOOD = 1007;
const POLICY = 1008;

export class Feed extends DurableObject<Cloudflare.Env> {
  private readonly history = openHistory(this.ctx.storage.sql);
  private watching: Promise<void> | undefined;

  constructor(ctx: DurableObjectState, env: Cloudflare.Env) {
    super(ctx, env);
    ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair('ping', 'pong'));
  }

  /**
   * Upgrades an authorised request to a WebSocket: 101, or 503 when MAX_SUBSCRIBERS are connected, or
   * MAX_SUBSCRIBERS_PER_CALLER of this caller. Rejects when D1 does not answer.
   */
  override async fetch(request: Request): Promise<Response> {
    await this.watch();
    const caller = request.headers.get(CALLER_HEADER) ?? '';
    const isFull =
      this.ctx.getWebSockets().length >= MAX_SUBSCRIBERS ||
      this.ctx.getWebSockets(caller).length >= MAX_SUBSCRIBERS_PER_CALLER;
    if (isFull) return new Response(null, { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server, [caller]);
    writeSubscriber(server, newSubscriber(systemClock.now()));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Passes on the updates of one commit, as one message. */
  publish(updates: readonly TaskUpdate[]): void {
    const all = updates.map(updateJson);
    const json = JSON.stringify(all);
    const id = this.history.add(json);
    let whole: string | undefined;
    for (const socket of this.ctx.getWebSockets()) {
      const { subscription } = readSubscriber(socket);
      if (subscription === 'all') {
        whole ??= updatesText(id, all, json);
        send(socket, whole);
      } else {
        const wanted = select(all, subscription);
        if (wanted.length > 0) send(socket, updatesText(id, wanted));
      }
    }
  }

  override webSocketMessage(socket: WebSocket, data: string | ArrayBuffer): void {
    const subscriber = countRequest(readSubscriber(socket), systemClock.now());
    const request = parseRequest(data);
    const subscription = request && (subscriptionOf(request) ?? subscriber.subscription);
    if (subscriber.requests > MAX_REQUESTS_PER_MINUTE) socket.close(POLICY, 'too many messages');
    else if (!request) socket.close(NOT_UNDERSTOOD, 'expected {"tasks":["…"]} or {"all":true}');
    else if (!subscription) socket.close(POLICY, 'subscribe first');
    else {
      writeSubscriber(socket, { ...subscriber, subscription });
      this.answer(socket, subscription, request.last);
    }
  }

  override webSocketClose(socket: WebSocket): void {
    socket.close();
  }

  /**
   * Closes WebSockets that are older than MAX_AGE_MS. Renews the row in D1 while a client is connected, and removes it after
   * it has ended. Sets the next alarm until the row is removed, even when D1 does not answer.
   */
  override async alarm(): Promise<void> {
    const now = systemClock.now();
    for (const socket of this.ctx.getWebSockets())
      if (now - readSubscriber(socket).since >= MAX_AGE_MS) sendAway(socket);
    try {
      if (this.ctx.getWebSockets().length > 0) await this.watch();
      else if (now >= this.until) return await removeWatcher(this.env.DB, this.name, now);
    } catch (error) {
      consoleLogger.warn('The live feed could not reach D1. It tries again in 30 seconds.', { error });
    }
    await this.ctx.storage.setAlarm(now + RENEW_MS);
  }

  /**
   * Sends the messages that the client missed since `last`, or a reset when too many were missed. Ends with an empty message
   * whose id is the one from which the subscription holds.
   */
  private answer(socket: WebSocket, subscription: Subscription, last: number | undefined): void {
    const { oldest, newest } = this.history.range();
    if (last !== undefined && (last < oldest || last > newest)) {
      send(socket, resetText(newest));
      return;
    }
    for (const { id, updates } of last === undefined ? [] : this.history.after(last)) {
      const wanted = subscription === 'all' ? updates : select(updates, subscription);
      if (wanted.length > 0) send(socket, updatesText(id, wanted));
    }
    send(socket, updatesText(newest, []));
  }

  /** Resolves when D1 has a valid row. Clients that connect at the same time share one write. */
  private watch(): Promise<void> {
    this.watching ??= this.renew().finally(() => {
      this.watching = undefined;
    });
    return this.watching;
  }

  private async renew(): Promise<void> {
    const now = systemClock.now();
    const { until } = this;
    if (until - now < WATCH_MS - YOUNG_MS) {
      await renewWatcher(this.env.DB, this.name, now + WATCH_MS);
      this.ctx.storage.kv.put('until', now + WATCH_MS);
      if (until - SKEW_MS < now) this.restart();
    }
    if ((await this.ctx.storage.getAlarm()) === null) await this.ctx.storage.setAlarm(now + RENEW_MS);
  }

  /** No updates were published for a while, so no message contains them: all clients must load anew. */
  private restart(): void {
    const reset = resetText(this.history.restart());
    for (const socket of this.ctx.getWebSockets()) send(socket, reset);
  }

  private get until(): number {
    return this.ctx.storage.kv.get<number>('until') ?? 0;
  }

  private get name(): string {
    return this.ctx.id.toString();
  }
}

function select(updates: readonly TaskUpdateJson[], subscription: Subscription): TaskUpdateJson[] {
  if (!subscription || subscription === 'all') return [];
  return updates.filter(({ task_id: id }) => subscription.has(id));
}

function subscriptionOf({ all, tasks }: FeedRequest): Subscription {
  if (all) return 'all';
  return tasks && new Set(tasks);
}

function countRequest(subscriber: Subscriber, now: number): Subscriber {
  const minute = Math.floor(now / 60_000);
  return { ...subscriber, minute, requests: subscriber.minute === minute ? subscriber.requests + 1 : 1 };
}

/** Sends nothing to a closed socket. Closes the socket when the client was sent MAX_SENT_CHARACTERS. */
function send(socket: WebSocket, text: string): void {
  const subscriber = readSubscriber(socket);
  if (subscriber.sent >= MAX_SENT_CHARACTERS) return;
  const sent = subscriber.sent + text.length;
  writeSubscriber(socket, { ...subscriber, sent });
  try {
    socket.send(text);
    if (sent >= MAX_SENT_CHARACTERS) sendAway(socket);
  } catch {
    // The socket is closing; webSocketClose() handles it.
  }
}

/** Closes the socket. The client connects again and continues where it stopped. */
function sendAway(socket: WebSocket): void {
  socket.close(GOING_AWAY, 'connect again');
}
