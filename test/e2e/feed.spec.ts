// The live feed, seen at the slowest refresh rate: what shows before a minute has passed was told by it.
import { expect, type Page, test, type WebSocketRoute } from '@playwright/test';
import { apiPath, call, enqueue, OPEN, visit } from './support.ts';

// One after the other: what one enqueues is news to the lists of the others.
test.describe.configure({ mode: 'default' });

const rows = 'table.table tbody tr';
const soon = { timeout: 5000 };

/**
 * The list of this test's own tasks, when it has loaded for the second time, after the feed's first answer. No other
 * file enqueues what is called so, so no other news are spent on it.
 */
async function visitOwn(page: Page): Promise<() => Promise<string>> {
  let loads = 0;
  page.on('response', (reply) => {
    if (apiPath(/^\/tasks$/)(new URL(reply.url()))) loads++;
  });
  const tag = `feed-${crypto.randomUUID().slice(0, 8)}`;
  await page.addInitScript(() => localStorage.setItem('errand.refresh', '60'));
  await visit(page, `/tasks?name=demo.log&tag=${tag}`);
  await expect.poll(() => loads).toBe(2);
  return () => enqueue('demo.log', { lines: 1 }, { tags: [tag] });
}

/**
 * The page's connections to the feed, passed through, in order, and the subscriptions they sent. Of the bulks of other tests
 * it is not told: they may concern every page, and would use up what a slow one may load at once.
 */
async function watchFeed(page: Page) {
  const feed = { open: [] as WebSocketRoute[], asked: [] as { last?: number }[], closed: 0, refuse: false };
  await page.routeWebSocket(`${OPEN.replace('http', 'ws')}/live`, async (socket) => {
    if (feed.refuse) return socket.close({ code: 1011 });
    const server = socket.connectToServer();
    feed.open.push(socket);
    server.onMessage((text) => {
      if (!String(text).includes('"more":')) socket.send(text);
    });
    socket.onMessage((text) => {
      if (text !== 'ping') feed.asked.push(JSON.parse(String(text)));
      server.send(text);
    });
    socket.onClose((code, reason) => {
      feed.closed++;
      server.close({ ...(code && { code }), ...(reason && { reason }) });
    });
  });
  return feed;
}

/** Hides or shows the window, as far as a page can tell. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('a task shows soon after it was enqueued, however slow the page refreshes', async ({ page }) => {
  await watchFeed(page);
  const add = await visitOwn(page);
  await expect(page.getByRole('heading', { name: 'No task matches' })).toBeVisible();

  await add();
  await expect(page.locator(rows)).toHaveCount(1, soon);
  await expect(page.locator(rows)).toContainText('Success');
});

test('what happened while the connection was gone is seen without a reload', async ({ page }) => {
  const feed = await watchFeed(page);
  const add = await visitOwn(page);

  feed.refuse = true;
  await feed.open[0]?.close({ code: 1011 });
  const id = await add();
  await expect.poll(() => call('GET', `/tasks/${id}`)).toMatchObject({ status: 'SUCCESS' });
  await page.waitForTimeout(1500);
  await expect(page.locator(rows)).toHaveCount(0);
  feed.refuse = false;

  await expect(page.locator(rows)).toHaveCount(1);
  expect(feed.asked[1]).toMatchObject({ last: expect.any(Number) });
});

test('a connection that the feed ends in time is followed by the next at once, and nothing is said', async ({
  page,
}) => {
  await page.clock.install();
  const feed = await watchFeed(page);
  const add = await visitOwn(page);

  await page.clock.pauseAt(Date.now() + 2000);
  await feed.open[0]?.close({ code: 1001 });
  // However often it looks, the page's clock does not come to the shortest pause.
  const connections = async () => {
    await page.clock.runFor(10);
    return feed.asked.length;
  };
  await expect.poll(connections).toBe(2);
  await page.clock.resume();
  expect(feed.asked[1]).toMatchObject({ last: expect.any(Number) });
  await expect(page.getByRole('alert')).toHaveCount(0);
  await add();
  await expect(page.locator(rows)).toHaveCount(1, soon);
});

test('a hidden window has no connection; shown again it sees what it missed', async ({ page }) => {
  const feed = await watchFeed(page);
  const add = await visitOwn(page);

  await setHidden(page, true);
  await expect.poll(() => feed.closed).toBe(1);
  await add();
  await setHidden(page, false);

  await expect(page.locator(rows)).toHaveCount(1, soon);
  await expect.poll(() => feed.asked[1]).toMatchObject({ last: expect.any(Number) });
});

test('a paused page has none, and stays as it is', async ({ page }) => {
  const feed = await watchFeed(page);
  const add = await visitOwn(page);

  await page.getByRole('combobox', { name: 'Refresh rate' }).selectOption('0');
  await expect.poll(() => feed.closed).toBe(1);
  await add();
  await page.waitForTimeout(2500);
  await expect(page.locator(rows)).toHaveCount(0);
  await page.getByRole('combobox', { name: 'Refresh rate' }).selectOption('60');
  await expect(page.locator(rows)).toHaveCount(1, soon);
});
