import { runInDurableObject } from 'cloudflare:test';
import { describe, expect, it } from 'vitest';
import { newSubscriber, readSubscriber, type Subscription, writeSubscriber } from '../../src/live/subscriber.ts';
import { aFeed } from '../support/live.ts';

const ids = Array.from({ length: 100 }, () => crypto.randomUUID());

/** What is read from the attachment alone, as after the object slept: another socket with the same attachment. */
const afterSleep = (subscription: Subscription) =>
  runInDurableObject(aFeed().stub, (_, ctx) => {
    const [, first] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    const [, second] = Object.values(new WebSocketPair()) as [WebSocket, WebSocket];
    for (const socket of [first, second]) ctx.acceptWebSocket(socket);
    writeSubscriber(first, { ...newSubscriber(1000), requests: 3, minute: 4, sent: 5, subscription });
    second.serializeAttachment(first.deserializeAttachment());
    const subscriber = readSubscriber(second);
    for (const socket of [first, second]) socket.close();
    return subscriber;
  });

describe('a subscriber of the feed', () => {
  it('begins without a subscription and without counts', () => {
    expect(newSubscriber(1000)).toEqual({ subscription: undefined, minute: 0, requests: 0, since: 1000, sent: 0 });
  });

  it.each([
    ['all tasks', 'all' as const],
    ['100 tasks', new Set(ids)],
    ['no tasks', new Set<string>()],
    ['nothing yet', undefined],
  ])('survives the sleep of the object for a subscription to %s', async (_, subscription) => {
    expect(await afterSleep(subscription)).toEqual({ subscription, minute: 4, requests: 3, since: 1000, sent: 5 });
  });
});
