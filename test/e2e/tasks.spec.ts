// Tests of the list of tasks.
import { expect, test } from '@playwright/test';
import { call, DATA, enqueue, expectAccessible, expectNoOverflow, visit } from './support.ts';

const rows = 'table.table tbody tr';

test('filters are in the address, and a reload applies them', async ({ page }) => {
  await visit(page, '/tasks');

  await page.getByRole('button', { name: 'Failure', exact: true }).click();
  await expect(page).toHaveURL(/status=FAILURE/);
  await expect(page.locator(`${rows}[data-state="SUCCESS"]`)).toHaveCount(0);
  await page.getByRole('combobox', { name: 'Name' }).selectOption('demo.fail');
  await expect(page).toHaveURL(/name=demo\.fail/);
  await page.getByRole('textbox', { name: 'Tag' }).fill('order-17');
  await page.getByRole('textbox', { name: 'Tag' }).press('Enter');
  await expect(page.locator(rows)).toHaveCount(1);

  await page.reload();
  await expect(page.locator(rows)).toHaveCount(1);
  await expect(page.locator(rows)).toContainText('refused <script>');
  await page.goBack();
  await expect(page).not.toHaveURL(/tag=/);
});

test('the list is filtered by a time span or a custom range', async ({ page }) => {
  const requested: string[] = [];
  page.on('request', (request) => request.url().includes('/tasks?') && requested.push(request.url()));
  await visit(page, '/tasks');

  await page.getByRole('combobox', { name: 'Created' }).selectOption('1h');
  await expect.poll(() => requested.some((url) => url.includes('since='))).toBe(true);
  await page.getByRole('combobox', { name: 'Created' }).selectOption('custom');
  await page.getByLabel('Until').fill('2020-01-01T00:00');

  await expect(page.getByRole('heading', { name: 'No tasks match the filters' })).toBeVisible();
  await expect(page).toHaveURL(/until=20/);
});

test('the pager leads to older and newer tasks', async ({ page }) => {
  await visit(page, '/tasks?tag=sums');
  await expect(page.locator(rows)).toHaveCount(50);
  const first = await page.locator(rows).first().textContent();

  await page.getByRole('button', { name: 'Older' }).click();
  await expect(page).toHaveURL(/cursor=/);
  await expect(page.locator(rows).first()).not.toHaveText(first ?? '');
  await page.getByRole('button', { name: 'Older' }).click();
  await expect(page.locator(rows)).toHaveCount(20);
  await expect(page.getByRole('button', { name: 'Older' })).toBeDisabled();
  await page.getByRole('button', { name: 'Newer' }).click();
  await expect(page.locator(rows)).toHaveCount(50);
  await page.getByRole('button', { name: 'Newest' }).click();
  await expect(page).not.toHaveURL(/cursor=/);
});

test('the search finds an id, a name, a tag', async ({ page }) => {
  await visit(page, '/tasks');

  await page.keyboard.press('/');
  await page.keyboard.type(DATA.failed);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: 'demo.fail' })).toBeVisible();
  await page.keyboard.press('/');
  await page.keyboard.type('tag:order-17 status:failure');
  await page.keyboard.press('Enter');
  await expect(page.locator(rows)).toHaveCount(1);
});

test('the beginning of an id, or a part of a name, filters the list', async ({ page }) => {
  await visit(page, '/tasks');
  await expect(page.locator(rows)).toHaveCount(50);
  const text = page.getByRole('textbox', { name: 'Name or id' });
  // The milliseconds and the first random digits.
  await text.fill(DATA.failed.slice(0, 18));
  await text.press('Enter');
  await expect(page.locator(rows)).toHaveCount(1);
  await expect(page.locator(rows).getByRole('link').first()).toHaveAttribute('href', new RegExp(DATA.failed));

  await text.fill('flak');
  await text.press('Enter');
  await expect(page.locator(rows).filter({ hasText: 'demo.flaky' }).first()).toBeVisible();
  await expect(page.locator(rows).filter({ hasNotText: 'demo.flaky' })).toHaveCount(0);

  await text.fill('zzz');
  await text.press('Enter');
  await expect(page.getByRole('heading', { name: 'No tasks match the filters' })).toBeVisible();
});

test('chosen columns are kept after a reload', async ({ page }) => {
  await visit(page, '/tasks');
  await expect(page.getByRole('columnheader', { name: 'Tags' })).toHaveCount(0);

  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Tags' }).check();
  await page.getByRole('checkbox', { name: 'Attempts' }).uncheck();
  await page.keyboard.press('Escape');
  await page.reload();

  await expect(page.getByRole('columnheader', { name: 'Tags' })).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'Attempts' })).toHaveCount(0);
});

test('new tasks appear automatically; while the page is paused, only after a refresh', async ({ page }) => {
  const tag = `live-${crypto.randomUUID().slice(0, 8)}`;
  await visit(page, `/tasks?tag=${tag}`);
  await page.getByRole('combobox', { name: 'Refresh rate' }).selectOption('2');
  await enqueue('demo.echo', { value: 1 }, { tags: [tag] });
  await expect(page.locator(rows)).toHaveCount(1);

  await page.getByRole('combobox', { name: 'Refresh rate' }).selectOption('0');
  await enqueue('demo.echo', { value: 2 }, { tags: [tag] });
  await page.waitForTimeout(2500);
  await expect(page.locator(rows)).toHaveCount(1);
  await page.getByRole('button', { name: 'Refresh now' }).click();
  await expect(page.locator(rows)).toHaveCount(2);
});

test('selected tasks are revoked together, and then retried', async ({ page }) => {
  const tag = `bulk-${crypto.randomUUID().slice(0, 8)}`;
  const input = { name: 'demo.echo', input: { value: 1 }, options: { tags: [tag], countdown: 9000 } };
  await call('POST', '/tasks/batch', { tasks: Array.from({ length: 9 }, () => input) });
  await visit(page, `/tasks?tag=${tag}`);
  const boxes = page.locator('tbody input[type=checkbox]');

  await boxes.nth(1).click();
  await boxes.nth(5).click({ modifiers: ['Shift'] });
  await expect(page.getByRole('region', { name: 'Selected tasks' })).toContainText('5 tasks');
  await page.getByRole('button', { name: 'Revoke 5 tasks', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke 5 tasks' }).click();
  await expect(page.locator('.toast')).toContainText('5 tasks are revoked');
  await expect(page.locator(`${rows}[data-state="REVOKED"]`)).toHaveCount(5);

  await page.getByRole('checkbox', { name: 'Select all tasks on this page' }).click();
  await page.getByRole('region', { name: 'Selected tasks' }).getByRole('button', { name: 'Retry 5 tasks' }).click();
  await page.screenshot({ path: 'test/e2e/out/light-retry-dialog.png' });
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 780 });
  await page.screenshot({ path: 'test/e2e/out/narrow-retry-dialog.png' });
  await page.keyboard.press('Escape');
  await page.screenshot({ path: 'test/e2e/out/narrow-bulk.png' });
  await expectNoOverflow(page);
  await page.setViewportSize({ width: 1360, height: 860 });
  await page.getByRole('region', { name: 'Selected tasks' }).getByRole('button', { name: 'Retry 5 tasks' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry 5 tasks' }).click();
  await expect(page.locator('.toast').last()).toContainText('5 tasks run again. 4 selected tasks are not changed');
  await expect(page.locator(`${rows}[data-state="REVOKED"]`)).toHaveCount(0);
});

test('a selection of all matching tasks ends when the selection changes', async ({ page }) => {
  await visit(page, '/tasks?tag=sums');
  const bar = page.getByRole('region', { name: 'Selected tasks' });
  const all = page.getByRole('checkbox', { name: 'Select all tasks on this page' });
  await all.click();
  await page.getByRole('button', { name: 'Select all matching tasks' }).click();
  await expect(bar).toContainText('All matching tasks');

  await bar.getByRole('button', { name: 'Clear selection' }).click();
  await all.click();
  await expect(bar).toContainText('50 tasks');
  await page.getByRole('button', { name: 'Select all matching tasks' }).click();
  await page.getByRole('combobox', { name: 'Name' }).selectOption('demo.add');
  await expect(page).toHaveURL(/name=/);
  await expect(bar).toHaveCount(0);
  await all.click();
  await expect(bar).toContainText('50 tasks');
});

test('one bulk task retries all tasks that match the filter', async ({ page }) => {
  await visit(page, '/tasks?tag=again&status=SUCCESS');

  await page.getByRole('checkbox', { name: 'Select all tasks on this page' }).click();
  await page.getByRole('button', { name: 'Select all matching tasks' }).click();
  await page.getByRole('region', { name: 'Selected tasks' }).getByRole('button', { name: 'Retry all' }).click();
  await expect(page.getByRole('dialog')).toContainText('tag: again');
  await page.getByRole('dialog').getByRole('button', { name: 'Retry all matching tasks' }).click();

  await page.locator('.toast').getByRole('link', { name: 'Show the bulk task' }).click();
  await expect(page.getByRole('heading', { name: 'tasks.retry', level: 1 })).toBeVisible();
  await expect(page.locator('.state-large')).toHaveText('Success');
  const job = new URL(page.url()).pathname.replace('/dashboard', '');
  expect(await call('GET', job)).toMatchObject({ result: { changed: 60 } });
  const { items } = await call<{ items: { task_id: string }[] }>('GET', '/tasks?tag=again&limit=1');
  await expect
    .poll(() => call<{ items: object[] }>('GET', `/tasks/${items[0]?.task_id}/attempts`))
    .toMatchObject({ items: [{ outcome: 'SUCCESS' }, { outcome: 'SUCCESS' }] });
});
