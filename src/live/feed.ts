// The live feed: one object that passes on to its WebSockets what the engine published. While somebody is connected it keeps
// a row in D1 that says so, renewed by its alarm; without that row nothing is published. It sleeps between messages, so
// nothing it needs is kept in memory alone. What it passes on is news: it may be lost, and D1 stays the truth.
import { DurableObject } from 'cloudflare:workers';
import { consoleLogger, systemClock, type TaskUpdate } from '../engine/manage.ts';
import { eventJson, type FeedRequest, type LiveEventJson, messageText, parseRequest, resetText } from './message.ts';
import { openHistory, removeWatcher, renewWatcher } from './store.ts';
import { newSubscriber, readSubscriber, type Subscriber, type Subscription, writeSubscriber } from './subscriber.ts';

export const MAX_SUBSCRIBERS = 500;
export const MAX_REQUESTS_PER_MINUTE = 30;
/** A client proves its key anew after this time: until then a WebSocket outlives a key that was revoked. */
export const MAX_AGE_MS = 5 * 60_000;
/** What one client may be sent, in characters: what it does not read fills the memory that it shares with all others. */
export const MAX_SENT_CHARACTERS = 4_000_000;
/** How long a row says that somebody watches, how often it is renewed, and how young it may be to be left alone. */
const WATCH_MS = 90_000;
const RENEW_MS = 30_000;
const YOUNG_MS = 15_000;
/** Clocks differ: a row this close to its end may have ended for others. */
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

  /** Upgrades a request that was authorised: 101, or 503 with as many subscribers as there may be. Throws when D1 is away. */
  override async fetch(_request: Request): Promise<Response> {
    await this.watch();
    if (this.ctx.getWebSockets().length >= MAX_SUBSCRIBERS) return new Response(null, { status: 503 });
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    writeSubscriber(server, newSubscriber(systemClock.now()));
    return new Response(null, { status: 101, webSocket: client });
  }

  /** Passes on what one commit changed, as one message. */
  publish(events: readonly TaskUpdate[]): void {
    const all = events.map(eventJson);
    const json = JSON.stringify(all);
    const id = this.history.add(json);
    let whole: string | undefined;
    for (const socket of this.ctx.getWebSockets()) {
      const { subscription } = readSubscriber(socket);
      if (subscription === 'all') {
        whole ??= messageText(id, all, json);
        send(socket, whole);
      } else {
        const wanted = select(all, subscription);
        if (wanted.length > 0) send(socket, messageText(id, wanted));
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
   * Sends away who has been here long enough. Renews the row while somebody is connected, and removes it when it has ended.
   * Comes again until then, whatever fails.
   */
  override async alarm(): Promise<void> {
    const now = systemClock.now();
    for (const socket of this.ctx.getWebSockets())
      if (now - readSubscriber(socket).since >= MAX_AGE_MS) sendAway(socket);
    try {
      if (this.ctx.getWebSockets().length > 0) await this.watch();
      else if (now >= this.until) return await removeWatcher(this.env.DB, this.name, now);
    } catch (error) {
      consoleLogger.warn('the live feed could not reach D1', { error });
    }
    await this.ctx.storage.setAlarm(now + RENEW_MS);
  }

  /** What was missed, or that too much was; then an empty message with the id from which the subscription holds. */
  private answer(socket: WebSocket, subscription: Subscription, last: number | undefined): void {
    const { oldest, newest } = this.history.range();
    if (last !== undefined && (last < oldest || last > newest)) {
      send(socket, resetText(newest));
      return;
    }
    for (const { id, events } of last === undefined ? [] : this.history.after(last)) {
      const wanted = subscription === 'all' ? events : select(events, subscription);
      if (wanted.length > 0) send(socket, messageText(id, wanted));
    }
    send(socket, messageText(newest, []));
  }

  /** Resolves when D1 says that somebody watches. Clients that connect together wait for the same write. */
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

  /** For a while nothing was published: no message tells what happened then. */
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

function select(events: readonly LiveEventJson[], subscription: Subscription): LiveEventJson[] {
  if (!subscription || subscription === 'all') return [];
  return events.filter(({ task_id: id }) => subscription.has(id));
}

function subscriptionOf({ all, tasks }: FeedRequest): Subscription {
  if (all) return 'all';
  return tasks && new Set(tasks);
}

function countRequest(subscriber: Subscriber, now: number): Subscriber {
  const minute = Math.floor(now / 60_000);
  return { ...subscriber, minute, requests: subscriber.minute === minute ? subscriber.requests + 1 : 1 };
}

/** To a socket that has gone away meanwhile nothing is sent. Who was sent as much as one may be is sent away. */
function send(socket: WebSocket, text: string): void {
  const subscriber = readSubscriber(socket);
  if (subscriber.sent >= MAX_SENT_CHARACTERS) return;
  const sent = subscriber.sent + text.length;
  writeSubscriber(socket, { ...subscriber, sent });
  try {
    socket.send(text);
    if (sent >= MAX_SENT_CHARACTERS) sendAway(socket);
  } catch {
    // Its close event comes, or has come.
  }
}

/** It connects again, and resumes where it was. */
function sendAway(socket: WebSocket): void {
  socket.close(GOING_AWAY, 'connect again');
}
