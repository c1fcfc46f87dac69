// Tests of steps on the page of a task: the chart, what a step shows, running again and forking from one, undos.
import { expect, type Page, test } from '@playwright/test';
import { apiPath, call, DATA, enqueue, expectAccessible, expectNoOverflow, OPEN, visit } from './support.ts';

// A real task runs in most of them, beside a browser.
test.describe.configure({ timeout: 90_000 });

const row = (page: Page, name: string) =>
  page.locator('.step', { has: page.locator('.step-name', { hasText: new RegExp(`^${name}$`) }) });
const openStep = (page: Page, name: string) => row(page, name).locator('> button').click();

async function ended(id: string): Promise<void> {
  await expect
    .poll(async () => (await call<{ status: string }>('GET', `/tasks/${id}`)).status, { timeout: 20_000 })
    .toMatch(/SUCCESS|FAILURE|REVOKED/);
}

test('each step has a bar on one time axis, its state as a word, and its duration', async ({ page }) => {
  await visit(page, `/tasks/${DATA.steps}`);

  await expect(page.locator('.step-name')).toHaveText([
    ...['extract', 'before transform', 'transform', 'before load', 'load', 'before report', 'report'],
  ]);
  await expect(page.locator('.step-state')).toHaveText(Array(7).fill('Done'));
  await expect(row(page, 'before load').locator('.step-kind')).toHaveText('sleep');
  await expect(row(page, 'before load').locator('.bar')).toHaveAttribute('data-kind', 'sleep');
  const lefts = await page.locator('.bar').evaluateAll((bars) => bars.map((bar) => bar.getBoundingClientRect().left));
  expect(lefts).toEqual([...lefts].sort((one, other) => one - other));
  // One attempt for each sleep, one for the failure, and the first one.
  await expect(page.locator('.steps-head')).toContainText('5 attempts');
  await expect(page.locator('.band').first()).toHaveAttribute('title', /^Attempt 1: snoozed, sleeps until /);
});

test('a step shows its result, its attempt and the log lines of its time', async ({ page }) => {
  await visit(page, `/tasks/${DATA.steps}`);
  await openStep(page, 'load');

  const details = row(page, 'load').locator('.step-details');
  await expect(details).toContainText('Recorded by');
  await expect(details.locator('.facts')).toContainText('attempt 4');
  await expect(details.getByRole('region', { name: 'result of load' })).toHaveText('2');
  await expectAccessible(page);
  await page.screenshot({ path: 'test/e2e/out/light-step-open.png', fullPage: true });
  await openStep(page, 'load');
  await expect(details).toHaveCount(0);
});

test('a step shows log lines of its time, its error, its event and its undo', async ({ page }) => {
  const at = (ms: number) => new Date(Date.parse('2026-11-24T11:00:00Z') + ms).toISOString();
  const nothing = { error: null, about: null, until: null, waits_for: null, event_id: null, undo: null };
  const known = { ...nothing, occurrence: 1, kind: 'do', result: null, has_long_result: false, attempt: 1, tries: 1 };
  const error = { code: 'error', type: 'RangeError', message: 'too far <b>' };
  const steps = [
    { ...known, name: 'work', outcome: 'done', started_at: at(0), ended_at: at(400), has_long_result: true },
    {
      ...known,
      name: 'work',
      occurrence: 2,
      outcome: 'failed',
      error,
      tries: 3,
      started_at: at(400),
      ended_at: at(500),
    },
    { ...known, name: 'paid', kind: 'event', outcome: 'done', started_at: at(500), ended_at: at(600), event_id: 'e-1' },
    { ...known, name: 'late', kind: 'event', outcome: 'timed_out', started_at: at(600), ended_at: at(700) },
    { ...known, name: 'bad', outcome: 'done', started_at: at(700), ended_at: at(800) },
  ];
  Object.assign(steps[2] as object, { waits_for: { type: 'order.paid', key: '17' }, result: { total: 5 } });
  Object.assign(steps[4] as object, { undo: { outcome: 'failed', tries: 5, error, at: at(900) } });
  const attempt = { outcome: 'FAILURE', started_at: at(0), finished_at: at(900), error: null, reason: null, number: 1 };
  const logs = [
    { at: at(100), message: 'half way' },
    { at: at(450), message: 'of the second' },
  ];
  const path = `^/tasks/${DATA.failed}`;
  await page.route(apiPath(new RegExp(`${path}/steps$`)), (route) => route.fulfill({ json: { items: steps } }));
  await page.route(apiPath(new RegExp(`${path}/attempts$`)), (route) =>
    route.fulfill({ json: { items: [{ ...attempt, logs }], cost_usd: 0 } }),
  );
  await visit(page, `/tasks/${DATA.failed}`);

  await expect(page.locator('.step-state')).toHaveText(['Done', 'Failed', 'Received', 'Timed out', 'Undo failed']);
  await expect(page.locator('.log-mark')).toHaveCount(2);
  await openStep(page, 'work');
  await expect(row(page, 'work').locator('.logs')).toContainText('half way');
  await expect(row(page, 'work').locator('.logs')).not.toContainText('of the second');
  await expect(row(page, 'work')).toContainText('has more than 2,048 characters');
  await openStep(page, 'work \\(2\\)');
  await expect(row(page, 'work \\(2\\)')).toContainText('RangeError: too far <b>');
  await expect(row(page, 'work \\(2\\)')).toContainText('100 ms, 3 tries');
  await openStep(page, 'paid');
  await expect(row(page, 'paid').locator('.facts')).toContainText('order.paid 17');
  await expect(row(page, 'paid').locator('.facts')).toContainText('e-1');
  await expect(row(page, 'paid').locator('.json-leaf', { hasText: 'total' })).toHaveText('total5');
  await openStep(page, 'bad');
  await expect(row(page, 'bad')).toContainText('Error of the undo error');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await page.screenshot({ path: `test/e2e/out/${colorScheme}-steps-full.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoOverflow(page);
  await page.screenshot({ path: 'test/e2e/out/narrow-steps-full.png', fullPage: true });
});

test('a task without steps shows no chart', async ({ page }) => {
  await visit(page, `/tasks/${DATA.flaky}`);
  await expect(page.getByRole('heading', { name: 'Attempts' })).toBeVisible();
  await expect(page.locator('.steps')).toHaveCount(0);
});

test('undone steps say so, with the time of the undo', async ({ page }) => {
  await visit(page, `/tasks/${DATA.undone}`);

  await expect(page.locator('.step-state')).toHaveText(['Undone', 'Undone']);
  await expect(page.locator('.undo-mark')).toHaveCount(2);
  await openStep(page, 'charge');
  await expect(row(page, 'charge').locator('.facts')).toContainText('has run');
});

test('while a task is undone, its page says how far that is and how it ends', async ({ page }) => {
  const task = await call<object>('GET', `/tasks/${DATA.undone}`);
  const { items } = await call<{ items: { undo: object }[] }>('GET', `/tasks/${DATA.undone}/steps`);
  const error = { code: 'failed', type: 'PermanentFailure', message: 'no truck' };
  const undoing = { status: 'FAILURE', error };
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.undone}$`)), (route) =>
    route.fulfill({ json: { ...task, status: 'STARTED', finished_at: null, error: null, undoing } }),
  );
  const offered = { ...items[0], undo: { outcome: 'offered', tries: 0, error: null, at: null } };
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.undone}/steps$`)), (route) =>
    route.fulfill({ json: { items: [offered, items[1]] } }),
  );
  await visit(page, `/tasks/${DATA.undone}`);

  await expect(page.locator('.wait-card')).toContainText('The task is being undone');
  await expect(page.locator('.wait-card')).toContainText(
    '1 of 2 have run. Then the task ends with the status Failure: no truck',
  );
  await expect(page.locator('.timeline-now')).toHaveText(/Undoing its steps/);
});

test('a finished task runs again from a step after a confirmation', async ({ page }) => {
  const id = await enqueue('demo.steps', { names: ['one', 'two', 'three'] });
  await ended(id);
  await visit(page, `/tasks/${id}`);
  await openStep(page, 'two');

  await page.getByRole('button', { name: 'Run again from here two' }).click();
  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('It keeps the results of 1 step before.');
  await dialog.getByRole('button', { name: 'Run again from here' }).click();

  await expect(page.locator('.toast')).toContainText('The task runs again from the step two');
  await ended(id);
  const { items } = await call<{ items: { name: string; attempt: number }[] }>('GET', `/tasks/${id}/steps`);
  expect(items.map(({ name, attempt }) => [name, attempt])).toEqual([
    ['one', 1],
    ['two', 2],
    ['three', 2],
  ]);
});

test('a fork begins with the steps before, and links to its origin', async ({ page }) => {
  await visit(page, `/tasks/${DATA.steps}`);
  await openStep(page, 'report');
  await page.getByRole('button', { name: 'Fork from here report' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Fork from here' }).click();
  await page.locator('.toast').getByRole('link', { name: 'Show the task' }).click();

  await expect(page).not.toHaveURL(new RegExp(DATA.steps));
  await expect(page.locator('.state-large')).toHaveText('Success');
  await expect(page.locator('.facts').getByRole('link', { name: DATA.steps })).toBeVisible();
  await expect(row(page, 'extract').locator('.step-took')).toHaveText('copied');
  await openStep(page, 'extract');
  await row(page, 'extract').getByRole('link', { name: 'the task it was forked from' }).click();
  await expect(page).toHaveURL(new RegExp(DATA.steps));
});

test('a task of a workflow cannot run again from a step', async ({ page }) => {
  const chain = [
    { task: 'demo.steps', input: { names: ['one'] } },
    { task: 'demo.echo', immutable: true, input: { value: 1 } },
  ];
  const { workflow_id } = await call<{ workflow_id: string }>('POST', '/workflows', { chain });
  const { tasks } = await call<{ tasks: { task_id: string }[] }>('GET', `/workflows/${workflow_id}`);
  const id = tasks[0]?.task_id ?? '';
  await ended(id);
  await visit(page, `/tasks/${id}`);
  await openStep(page, 'one');
  await expect(row(page, 'one').locator('.step-details')).toBeVisible();
  await expect(row(page, 'one').getByRole('button', { name: 'from here' })).toHaveCount(0);
});

test('steps appear while the task runs, but rows that are looked at keep their places', async ({ page }) => {
  const { items } = await call<{ items: object[] }>('GET', `/tasks/${DATA.steps}/steps`);
  let recorded = items.slice(0, 2);
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.asking}/steps$`)), (route) =>
    route.fulfill({ json: { items: recorded } }),
  );
  await page.addInitScript(() => localStorage.setItem('errand.refresh', '2'));
  await visit(page, `/tasks/${DATA.asking}`);
  recorded = items.slice(0, 3);
  await expect(row(page, 'transform')).toBeVisible();

  await openStep(page, 'extract');
  await expect(row(page, 'extract').locator('.step-details')).toBeVisible();
  recorded = items.slice(0, 5);
  await page.locator('.steps .still-news button', { hasText: '2 new · show' }).click();
  await expect(row(page, 'load')).toBeVisible();
  await expect(row(page, 'extract').locator('.step-details')).toBeVisible();
});

test('1,000 steps are folded, scroll inside, and unfold in portions', async ({ page }) => {
  const at = (ms: number) => new Date(Date.parse('2026-11-24T11:00:00Z') + ms).toISOString();
  const nothing = { error: null, about: null, until: null, waits_for: null, event_id: null, undo: null };
  const items = Array.from({ length: 1000 }, (_, n) => ({
    ...{ ...nothing, name: `part ${n}`, occurrence: 1, kind: 'do', outcome: n === 500 ? 'failed' : 'done', attempt: 1 },
    ...{ result: n, has_long_result: false, started_at: at(n * 10), ended_at: at(n * 10 + 9), tries: 1 },
  }));
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.failed}/steps$`)), (route) => route.fulfill({ json: { items } }));
  await visit(page, `/tasks/${DATA.failed}`);

  await expect(page.locator('.step')).toHaveCount(23);
  await expect(row(page, 'part 500')).toContainText('Failed');
  await page.getByRole('button', { name: 'Show 100 of 490 more' }).click();
  await expect(page.locator('.step')).toHaveCount(123);
  await expect(row(page, 'part 104')).toHaveCount(1);
  const heights = await page
    .getByRole('region', { name: 'Steps in the order of the code' })
    .evaluate((area) => [area.clientHeight, area.scrollHeight]);
  expect(heights[0]).toBeLessThanOrEqual(560);
  expect(heights[1]).toBeGreaterThan(3000);
  await expectAccessible(page);
  await page.screenshot({ path: 'test/e2e/out/light-steps-many.png' });
});

test('an event from the playground ends the wait of a task, and the answer is shown', async ({ page }) => {
  const key = crypto.randomUUID().slice(0, 8);
  const id = await enqueue('demo.wait', { type: 'order.paid', key, timeout: 3600 });
  await visit(page, `/tasks/${id}`);
  await expect(row(page, 'event').locator('.step-state')).toHaveText('Waiting');
  await openStep(page, 'event');
  await expect(row(page, 'event').locator('.facts')).toContainText(`order.paid ${key}`);
  await expect(row(page, 'event').locator('.facts')).toContainText('Times out');

  await page.goto(`${OPEN}/dashboard/playground`);
  const card = page.getByRole('region', { name: 'Send an event' });
  await card.getByLabel('Key').fill(key);
  await card.getByLabel('Payload').fill('{ "total": ');
  await card.getByRole('button', { name: 'Send event' }).click();
  await expect(card.getByRole('alert')).toContainText('not valid JSON');
  await card.getByLabel('Payload').fill('{ "total": 7 }');
  await card.getByRole('button', { name: 'Send event' }).click();
  await expect(card.getByRole('status')).toHaveText('The event was taken. It ended 1 wait and started 0 tasks.');
  await expect(card.locator('.json-leaf', { hasText: 'woken' })).toHaveText('woken1');

  await ended(id);
  expect(await call('GET', `/tasks/${id}`)).toMatchObject({ result: { payload: { total: 7 } } });
});
