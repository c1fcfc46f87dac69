// Every list of the dashboard stands still while it is used, under a live load of 50 tasks a second.
import { expect, type Locator, type Page, test } from '@playwright/test';
import { call, DATA, enqueue, OPEN, visit } from './support.ts';

// One load for all tests, so not in parallel.
test.describe.configure({ mode: 'default', timeout: 90_000 });

const TASKS_PER_SECOND = 50;
const TAG = `load-${crypto.randomUUID().slice(0, 8)}`;
const STEP = { task: 'demo.echo', input: { value: 1 } };
const soon = { timeout: 20_000 };

/** Repeats `make` until the returned function is called. The next call begins when the one before has ended. */
function repeat(everyMs: number, make: (index: number) => Promise<unknown>): () => Promise<void> {
  let on = true;
  const work = async () => {
    for (let index = 0; on; index++) await Promise.all([make(index), new Promise((next) => setTimeout(next, everyMs))]);
  };
  const working = work();
  return () => {
    on = false;
    return working;
  };
}

let stopTasks: () => Promise<void>;

test.beforeAll(() => {
  const each = { name: 'demo.echo', input: { value: 1 }, options: { tags: [TAG] } };
  const tasks = Array.from({ length: TASKS_PER_SECOND / 5 }, () => each);
  stopTasks = repeat(200, () => call('POST', '/tasks/batch', { tasks }));
});

test.afterAll(() => stopTasks());

/** What each row shows and where: equal as long as no row is added, removed or moved. */
function placesOf(rows: Locator): Promise<string[]> {
  return rows.evaluateAll((all) =>
    all.map((row) => {
      const name = row.querySelector('a')?.getAttribute('href') ?? row.querySelector('h2, code')?.textContent;
      return `${name} at ${Math.round(row.getBoundingClientRect().top + scrollY)}`;
    }),
  );
}

/** Counts the changes of the rows from now on, also those that last for a moment. */
async function watchRows(page: Page, rows: string): Promise<() => Promise<number>> {
  await page.evaluate((selector) => {
    const counted = window as unknown as { rowChanges: number };
    counted.rowChanges = 0;
    const isRow = (node: Node) => node instanceof Element && node.matches(selector);
    new MutationObserver((records) => {
      for (const { addedNodes, removedNodes } of records)
        counted.rowChanges += [...addedNodes, ...removedNodes].filter(isRow).length;
    }).observe(document.body, { childList: true, subtree: true });
  }, rows);
  return () => page.evaluate(() => (window as unknown as { rowChanges: number }).rowChanges);
}

async function open(page: Page, path: string): Promise<void> {
  await page.addInitScript(() => localStorage.setItem('errand.refresh', '2'));
  await visit(page, path);
}

interface List {
  name: string;
  path: string | (() => Promise<string>);
  rows: string;
  /** Adds rows to the list while it is watched. The tasks of the load are there anyway. */
  add?(index: number): Promise<unknown>;
  after?(): Promise<unknown>;
}

const tableRows = 'table.table tbody tr';
const scheduleName = (index: number) => `${TAG}-${index}`;
const apiKeys: string[] = [];

const LISTS: List[] = [
  { name: 'tasks', path: '/tasks', rows: tableRows },
  { name: 'tasks of a definition', path: '/definitions/demo.echo', rows: tableRows },
  {
    name: 'workflows',
    path: '/workflows',
    rows: tableRows,
    add: () => call('POST', '/workflows', { chain: [STEP, STEP] }),
  },
  {
    name: 'tasks of a workflow',
    path: async () => {
      const group = Array.from({ length: 30 }, (_, value) => ({
        ...{ task: 'demo.echo', input: { value } },
        options: { countdown: 4 + value / 2, queue: 'low' },
      }));
      return `/workflows/${(await call<{ workflow_id: string }>('POST', '/workflows', { group })).workflow_id}`;
    },
    rows: tableRows,
  },
  {
    name: 'schedules',
    path: '/schedules',
    rows: '.schedules > section',
    add: async (index) => {
      if (index < 4) await call('POST', '/schedules', { name: scheduleName(index), ...STEP, every: 86_400 });
    },
    after: () => Promise.all([0, 1, 2, 3].map((index) => call('DELETE', `/schedules/${scheduleName(index)}`))),
  },
  {
    name: 'files',
    path: '/files',
    rows: '.files > li',
    add: async (index) => {
      const headers = { 'content-type': 'text/plain' };
      if (index < 8) await fetch(`${OPEN}/files/${TAG}-${index}.txt`, { method: 'PUT', headers, body: 'text' });
    },
  },
  {
    name: 'mails',
    path: '/mailbox',
    rows: '.mail-list > li',
    add: (index) => enqueue('email.send', { to: 'ada@example.com', subject: `${TAG} ${index}`, text: 'Hello' }),
  },
  {
    name: 'approvals',
    path: '/approvals',
    rows: '.approvals > li',
    add: async (index) => {
      if (index < 6) await enqueue('demo.approval', { title: `${TAG} ${index}?` }, { tags: [`${TAG}-approval`] });
    },
    after: () => call('POST', '/tasks/revoke', { filter: { tag: `${TAG}-approval` } }),
  },
  {
    name: 'failures',
    path: '/',
    rows: '.failures > li',
    add: () => enqueue('demo.fail', { message: `broken ${crypto.randomUUID()}`, permanent: true }),
  },
  {
    name: 'API keys',
    path: '/keys',
    rows: tableRows,
    add: async (index) => {
      if (index > 3) return;
      const { prefix } = await call<{ prefix: string }>('POST', '/keys', { name: TAG, scopes: ['tasks:read'] });
      apiKeys.push(prefix);
    },
    after: () => Promise.all(apiKeys.map((prefix) => call('DELETE', `/keys/${prefix}`))),
  },
];

for (const { name, path, rows, add, after } of LISTS)
  test(`the list of ${name} stands still under the pointer, and then shows what is new`, async ({ page }) => {
    // A list without rows has nothing that could move away.
    if (add) for (const index of [0, 1]) await add(index);
    await open(page, typeof path === 'string' ? path : await path());
    await expect(page.locator(rows).first()).toBeVisible(soon);
    const bar = page.locator('.still-news button');
    await page.locator(rows).first().hover();
    const before = await placesOf(page.locator(rows));
    const changes = await watchRows(page, rows);
    let index = 2;
    const stop = add ? repeat(400, () => add(index++)) : undefined;

    await expect(bar.first()).toBeVisible(soon);
    await expect(bar.first()).toHaveText(/^([\d,]+\+? (new|gone)|New order) · show$/);
    expect(await placesOf(page.locator(rows))).toEqual(before);
    expect(await changes()).toBe(0);
    await page.screenshot({ path: `test/e2e/out/light-still-${name.replaceAll(' ', '-')}.png` });

    await bar.first().click();
    await expect.poll(() => placesOf(page.locator(rows))).not.toEqual(before);
    await stop?.();
    await after?.();
  });

test('the list of queues and that of definitions have the same rows at every refresh', async ({ page }) => {
  for (const path of ['/queues', '/definitions']) {
    await open(page, path);
    await page.locator(tableRows).first().hover();
    const before = await placesOf(page.locator(tableRows));
    const changes = await watchRows(page, tableRows);
    await page.waitForTimeout(4500);
    expect(await placesOf(page.locator(tableRows))).toEqual(before);
    expect(await changes()).toBe(0);
  }
});

test.describe('the list of tasks', () => {
  const bar = (page: Page) => page.locator('.still-news button');

  /** Puts the pointer where it holds no list. */
  const movePointerAway = (page: Page) => page.mouse.move(10, 300);

  test('moves while it is not used', async ({ page }) => {
    await open(page, '/tasks');
    await movePointerAway(page);
    const before = await placesOf(page.locator(tableRows));
    await expect.poll(() => placesOf(page.locator(tableRows)), soon).not.toEqual(before);
    await expect(bar(page)).toHaveCount(0);
  });

  test('stands still while rows are ticked; the cells of a row change in place', async ({ page }) => {
    const slow = await enqueue('demo.echo', { value: 1 }, { tags: [`${TAG}-slow`], countdown: 6, queue: 'high' });
    await open(page, `/tasks?tag=${TAG}-slow`);
    const row = page.locator(tableRows);
    await row.getByRole('checkbox').click();
    await movePointerAway(page);
    await enqueue('demo.echo', { value: 1 }, { tags: [`${TAG}-slow`], countdown: 3600 });
    await expect(bar(page)).toHaveText('1 new · show', soon);
    await expect(row).toHaveCount(1);
    await expect(row).toContainText('Success', soon);
    await expect(row.getByRole('link').first()).toHaveAttribute('href', new RegExp(slow));
    await expect(row.getByRole('checkbox')).toBeChecked();

    await page.getByRole('button', { name: 'Clear selection' }).click();
    await movePointerAway(page);
    await expect(row).toHaveCount(2);
    await expect(bar(page)).toHaveCount(0);
  });

  for (const [what, use] of Object.entries({
    'rows are ticked': (page: Page) => page.locator('tbody input[type=checkbox]').nth(3).click(),
    'a menu is open': (page: Page) => page.getByRole('button', { name: 'Columns' }).click(),
    'a dialog is open': async (page: Page) => {
      await page.locator('tbody input[type=checkbox]').nth(3).click();
      await page
        .getByRole('button', { name: /^(Retry|Revoke) 1 /, disabled: false })
        .first()
        .click();
    },
    'the keyboard focus is in it': async (page: Page) => {
      await page.locator('tbody a').nth(6).focus();
      await page.keyboard.press('Tab');
    },
  }))
    test(`stands still while ${what}`, async ({ page }) => {
      await open(page, '/tasks');
      await use(page);
      await movePointerAway(page);
      const before = await placesOf(page.locator(tableRows));
      const changes = await watchRows(page, tableRows);
      await expect(bar(page)).toHaveText(/^[\d,]+\+? new · show$/, soon);
      await page.waitForTimeout(3000);
      expect(await placesOf(page.locator(tableRows))).toEqual(before);
      expect(await changes()).toBe(0);
    });

  test('goes on below its held rows: the next page has no gap', async ({ page }) => {
    await open(page, '/tasks');
    // The pointer waits where it will click: on its way from a row it may leave the list for a moment, which frees the rows.
    const older = page.getByRole('button', { name: 'Older' });
    await older.hover();
    await expect(bar(page)).toBeVisible(soon);
    const last = await page.locator(tableRows).last().getByRole('link').first().getAttribute('href');
    await older.click();
    await expect(page).toHaveURL(/cursor=/);
    const idOf = (href: string | null) => (href ?? '').split('/').at(-1) ?? '';
    const { items } = await call<{ items: { task_id: string }[] }>(
      'GET',
      `/tasks?limit=1&cursor=${new URL(page.url()).searchParams.get('cursor')}`,
    );
    await expect(page.locator(tableRows).first().getByRole('link').first()).toHaveAttribute(
      'href',
      new RegExp(items[0]?.task_id ?? 'none'),
    );
    expect(idOf(last) > (items[0]?.task_id ?? '')).toBe(true);
  });
});

test('an open mail stays open while mails arrive', async ({ page }) => {
  await open(page, `/mailbox/${DATA.mail}`);
  await enqueue('email.send', { to: 'ada@example.com', subject: TAG, text: 'Hello' });
  await expect(page.locator('.mail-list')).toContainText(TAG, soon);
  await expect(page.getByRole('article')).toContainText('Order 17');
});
