// Tests of the live feed. They use the slowest refresh rate: a change within 60 seconds can only come from the feed.
import { expect, type Page, test, type WebSocketRoute } from '@playwright/test';
import { apiPath, call, enqueue, OPEN, visit } from './support.ts';

// Not in parallel: a task of one test is an update for the lists of the others.
test.describe.configure({ mode: 'default' });

const rows = 'table.table tbody tr';
const soon = { timeout: 5000 };

/**
 * Opens a list of this test's own tasks and waits for its second load, after the first message of the feed. No other file
 * enqueues demo.log, so no other update makes the list load. Returns a function that adds a task.
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
 * Records the page's connections to the feed and the subscriptions they send. Drops messages about bulks of other tests, because
 * they would make every page load and use up its burst.
 */
async function watchFeed(page: Page) {
  const feed = { open: [] as WebSocketRoute[], subscriptions: [] as { last?: number }[], closed: 0, refuse: false };
  await page.routeWebSocket(`${OPEN.replace('http', 'ws')}/live`, async (socket) => {
    if (feed.refuse) return socket.close({ code: 1011 });
    const server = socket.connectToServer();
    feed.open.push(socket);
    server.onMessage((text) => {
      if (!String(text).includes('"more":')) socket.send(text);
    });
    socket.onMessage((text) => {
      if (text !== 'ping') feed.subscriptions.push(JSON.parse(String(text)));
      server.send(text);
    });
    socket.onClose((code, reason) => {
      feed.closed++;
      server.close({ ...(code && { code }), ...(reason && { reason }) });
    });
  });
  return feed;
}

/** Hides or shows the window from the page's point of view. */
async function setHidden(page: Page, hidden: boolean): Promise<void> {
  await page.evaluate((value) => {
    Object.defineProperty(document, 'hidden', { configurable: true, value });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
}

test('a new task appears within 5 seconds, even at the slowest refresh rate', async ({ page }) => {
  await watchFeed(page);
  const add = await visitOwn(page);
  await expect(page.getByRole('heading', { name: 'No tasks match the filters' })).toBeVisible();

  await add();
  await expect(page.locator(rows)).toHaveCount(1, soon);
  await expect(page.locator(rows)).toContainText('Success');
});

test('changes during a lost connection appear after the reconnect', async ({ page }) => {
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
  expect(feed.subscriptions[1]).toMatchObject({ last: expect.any(Number) });
});

test('if the feed closes a connection after its time, the page reconnects at once without a warning', async ({
  page,
}) => {
  await page.clock.install();
  const feed = await watchFeed(page);
  const add = await visitOwn(page);

  await page.clock.pauseAt(Date.now() + 2000);
  await feed.open[0]?.close({ code: 1001 });
  // The page's clock advances only 10 ms per check, so it does not reach the shortest delay of a reconnect.
  const connections = async () => {
    await page.clock.runFor(10);
    return feed.subscriptions.length;
  };
  await expect.poll(connections).toBe(2);
  await page.clock.resume();
  expect(feed.subscriptions[1]).toMatchObject({ last: expect.any(Number) });
  await expect(page.getByRole('alert')).toHaveCount(0);
  await add();
  await expect(page.locator(rows)).toHaveCount(1, soon);
});

test('a hidden window has no connection; when it is shown again, it loads the changes', async ({ page }) => {
  const feed = await watchFeed(page);
  const add = await visitOwn(page);

  await setHidden(page, true);
  await expect.poll(() => feed.closed).toBe(1);
  await add();
  await setHidden(page, false);

  await expect(page.locator(rows)).toHaveCount(1, soon);
  await expect.poll(() => feed.subscriptions[1]).toMatchObject({ last: expect.any(Number) });
});

test('a paused page has no connection and does not change', async ({ page }) => {
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
