// How many clients one feed has, in all and from one caller.
import { expect, it, vi } from 'vitest';
import { MAX_SUBSCRIBERS, MAX_SUBSCRIBERS_PER_CALLER } from '../../src/live/feed.ts';
import { aFeed } from '../support/live.ts';

it('a feed takes half of its clients from one caller, and others from other callers', async () => {
  const feed = aFeed();
  const connect = async (caller: string) => {
    const { status, webSocket } = await feed.connectAs(caller);
    webSocket?.accept();
    return { status, close: () => webSocket?.close() };
  };
  const open = [];
  for (let made = 0; made < MAX_SUBSCRIBERS_PER_CALLER; made++) open.push(await connect('greedy'));
  expect(open.map(({ status }) => status)).not.toContain(503);

  expect((await connect('greedy')).status).toBe(503);
  for (let made = 0; made < MAX_SUBSCRIBERS - MAX_SUBSCRIBERS_PER_CALLER; made++) open.push(await connect(`${made}`));
  expect(open.map(({ status }) => status)).not.toContain(503);
  expect((await connect('one more')).status).toBe(503);

  for (const { close } of open) close();
  await vi.waitFor(async () => expect((await connect('greedy')).status).toBe(101));
});
