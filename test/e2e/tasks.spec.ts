// Tests of the list of tasks.
import { expect, type Page, test } from '@playwright/test';
import { apiPath, call, DATA, enqueue, expectAccessible, expectNoOverflow, OPEN, visit } from './support.ts';

const rows = 'table.table tbody tr';
const ECHO = { name: 'demo.echo', input: { value: 1 } };

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

/** Types into the search box and presses Enter. */
async function search(page: Page, text: string): Promise<void> {
  await page.getByRole('searchbox').fill(text);
  await page.keyboard.press('Enter');
}

test('a pasted id opens the page of its task, workflow, mail or file', async ({ page }) => {
  await visit(page, '/queues');
  for (const [text, path, heading] of [
    [DATA.failed, `/tasks/${DATA.failed}`, 'demo.fail'],
    [DATA.workflow, `/workflows/${DATA.workflow}`, 'Workflow'],
    [DATA.mail.toUpperCase(), `/mailbox/${DATA.mail}`, 'Mailbox'],
    [DATA.file, `/files/${encodeURIComponent(DATA.file)}`, 'File'],
  ] as const) {
    await search(page, text);
    await expect(page).toHaveURL(`${OPEN}/dashboard${path}`);
    await expect(page.getByRole('heading', { name: heading, level: 1 })).toBeVisible();
  }
  await expect(page.locator('main img')).toBeVisible();
  await page.reload();
  await expect(page.getByText('image/')).toBeVisible();
  await search(page, 'uploads/nothing/here.txt');
  await expect(page.getByRole('heading', { name: 'No file has this file key' })).toBeVisible();
  await search(page, crypto.randomUUID());
  await expect(page.getByRole('alert')).toContainText('No task, workflow or mail has this id.');
});

test('the end of an id, as lists show it, opens its task or workflow', async ({ page }) => {
  await visit(page, '/workflows');
  const { href, text } = await page
    .locator(`${rows} a:has(code)`)
    .first()
    .evaluate((link) => ({ href: link.getAttribute('href') ?? '', text: link.textContent }));
  await search(page, text);
  await expect(page).toHaveURL(new RegExp(`${href}$`));
  await search(page, DATA.failed.slice(-8));
  await expect(page.getByRole('heading', { name: 'demo.fail' })).toBeVisible();
  await search(page, `fail …${DATA.failed.slice(-8)}`);
  await expect(page.locator(rows)).toHaveCount(1);
  await search(page, '…feedbee1');
  await expect(page.getByRole('alert')).toContainText('ends with "feedbee1"');
});

test('several words all count', async ({ page }) => {
  await visit(page, '/tasks');
  await search(page, 'tag:order-17 demo fail');
  await expect(page.locator(rows)).toHaveCount(1);
  await expect(page).toHaveURL(/text=demo\+fail/);
  await search(page, 'tag:order-17 demo flaky');
  await expect(page.getByRole('heading', { name: 'No tasks match the filters' })).toBeVisible();
});

test('an unknown filter or value is named with the nearest right one, in a search and in an address', async ({
  page,
}) => {
  const requested: string[] = [];
  page.on('request', (request) => apiPath(/^\/tasks$/)(new URL(request.url())) && requested.push(request.url()));
  await visit(page, '/queues');
  await search(page, 'tag:order-17 status:fail');
  const alert = page.getByRole('alert');
  await expect(alert).toContainText('Unknown status "fail". Did you mean "failure"?');
  await expectAccessible(page);
  expect(requested).toEqual([]);
  await search(page, 'stat:failure');
  await expect(alert).toContainText('Unknown filter "stat". Did you mean "status"?');
  await search(page, 'tag:order-17 status:fail');
  await alert.getByRole('button', { name: 'Search for tag:order-17 status:failure' }).click();
  await expect(page.locator(rows)).toHaveCount(1);
  await expect(alert).toHaveCount(0);

  // The page before loads its list again every few seconds: it is gone before the count begins.
  await page.goto('about:blank');
  requested.length = 0;
  await page.goto(`${OPEN}/dashboard/tasks?status=fail&tag=order-17`);
  await expect(alert).toHaveText('Unknown status "fail". Did you mean "failure"?');
  await expect(page.locator(rows)).toHaveCount(0);
  expect(requested).toEqual([]);
  await page.getByRole('link', { name: 'Show tag:order-17 status:failure' }).click();
  await expect(page.locator(rows)).toHaveCount(1);
  await page.goto(`${OPEN}/dashboard/tasks?name=demo.fial`);
  await page.getByRole('link', { name: 'demo.fail' }).click();
  await expect(page.locator(rows).first()).toContainText('demo.fail');
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
  await page.getByRole('button', { name: 'Revoke 5 waiting tasks', exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke 5 waiting tasks' }).click();
  await expect(page.locator('.toast')).toContainText('5 tasks are revoked');
  await expect(page.locator(`${rows}[data-state="REVOKED"]`)).toHaveCount(5);

  await page.getByRole('checkbox', { name: 'Select all tasks on this page' }).click();
  await page
    .getByRole('region', { name: 'Selected tasks' })
    .getByRole('button', { name: 'Retry 5 revoked tasks' })
    .click();
  await page.screenshot({ path: 'test/e2e/out/light-retry-dialog.png' });
  await expectAccessible(page);
  await page.setViewportSize({ width: 360, height: 780 });
  await page.screenshot({ path: 'test/e2e/out/narrow-retry-dialog.png' });
  await page.keyboard.press('Escape');
  await page.screenshot({ path: 'test/e2e/out/narrow-bulk.png' });
  await expectNoOverflow(page);
  await page.setViewportSize({ width: 1360, height: 860 });
  await page
    .getByRole('region', { name: 'Selected tasks' })
    .getByRole('button', { name: 'Retry 5 revoked tasks' })
    .click();
  await page.getByRole('dialog').getByRole('button', { name: 'Retry 5 revoked tasks' }).click();
  await expect(page.locator('.toast').last()).toContainText('5 tasks run again. 4 selected tasks are not changed');
  await expect(page.locator(`${rows}[data-state="REVOKED"]`)).toHaveCount(0);
});

test('ticked tasks that succeeded run again only after their number is typed', async ({ page }) => {
  const tag = `typed-${crypto.randomUUID().slice(0, 8)}`;
  await call('POST', '/tasks/batch', { tasks: Array(3).fill({ ...ECHO, options: { tags: [tag] } }) });
  await visit(page, `/tasks?tag=${tag}`);
  await expect(page.locator(`${rows}[data-state="SUCCESS"]`)).toHaveCount(3);
  await page.getByRole('checkbox', { name: 'Select all tasks on this page' }).click();
  await page.getByRole('button', { name: 'Retry 3 succeeded tasks' }).click();
  const dialog = page.getByRole('dialog');
  const button = dialog.getByRole('button', { name: 'Retry 3 succeeded tasks' });
  await expect(button).toBeDisabled();
  await dialog.getByLabel('3 tasks have already succeeded. Type 3 to run them again, too.').fill('3');
  await button.click();
  await expect(page.locator('.toast').last()).toContainText('3 tasks run again');
});

/** Opens a dialog of the menu beside the filters, for a list with these filters. */
async function askForAll(page: Page, query: string, verb: 'Retry' | 'Revoke') {
  await visit(page, `/tasks?${query}`);
  await page.getByRole('button', { name: 'All that match' }).click();
  await page.getByRole('button', { name: `${verb} …` }).click();
  return page.getByRole('dialog');
}

test('all that match are revoked without ticking, after they are counted by status and name', async ({ page }) => {
  const tag = `all-${crypto.randomUUID().slice(0, 8)}`;
  const options = { tags: [tag], countdown: 9000 };
  await call('POST', '/tasks/batch', { tasks: Array(60).fill({ ...ECHO, options }) });
  await call('POST', '/tasks/batch', { tasks: Array(4).fill({ name: 'demo.add', input: { a: 1, b: 2 }, options }) });

  const dialog = await askForAll(page, `tag=${tag}`, 'Revoke');
  await expect(dialog.getByRole('heading')).toHaveText('Revoke 64 waiting tasks?');
  await expect(dialog.getByRole('list', { name: 'Tasks by status and name' }).getByRole('listitem')).toHaveText([
    'Pendingdemo.echo60',
    'Pendingdemo.add4',
  ]);
  await expectAccessible(page);
  await page.screenshot({ path: 'test/e2e/out/light-revoke-all.png' });
  await dialog.getByRole('button', { name: 'Revoke 64 waiting tasks' }).click();

  await page.locator('.toast').getByRole('link', { name: 'Show the bulk task' }).click();
  await expect(page.getByRole('heading', { name: 'tasks.revoke', level: 1 })).toBeVisible();
  await expect(page.locator('.state-large')).toHaveText('Success');
  const { items } = await call<{ items: unknown[] }>('GET', `/tasks?tag=${tag}&status=REVOKED&limit=100`);
  expect(items).toHaveLength(64);
});

test('all that match and failed are retried; those that succeeded only after the number is typed', async ({ page }) => {
  const tag = `again-${crypto.randomUUID().slice(0, 8)}`;
  const fail = { name: 'demo.fail', input: { message: 'no luck', permanent: true } };
  await call('POST', '/tasks/batch', { tasks: Array(2).fill({ ...fail, options: { tags: [tag] } }) });
  await call('POST', '/tasks/batch', { tasks: Array(5).fill({ ...ECHO, options: { tags: [tag] } }) });
  const ended = async (status: string) =>
    (await call<{ items: unknown[] }>('GET', `/tasks?tag=${tag}&status=${status}`)).items.length;
  await expect.poll(async () => (await ended('SUCCESS')) + (await ended('FAILURE'))).toBe(7);

  const dialog = await askForAll(page, `tag=${tag}`, 'Retry');
  await expect(dialog.getByRole('button', { name: 'Retry 2 failed tasks' })).toBeEnabled();
  await dialog.getByLabel('Also run tasks again that succeeded or were revoked').check();
  const button = dialog.getByRole('button', { name: 'Retry 7 tasks' });
  await expect(button).toBeDisabled();
  const number = dialog.getByLabel('5 tasks have already succeeded. Type 7 to run them again, too.');
  await number.fill('5');
  await expect(button).toBeDisabled();
  await number.fill('7');
  await expectAccessible(page);
  await button.click();

  await page.locator('.toast').getByRole('link', { name: 'Show the bulk task' }).click();
  await expect(page.locator('.state-large')).toHaveText('Success');
  const job = new URL(page.url()).pathname.replace('/dashboard', '');
  expect(await call('GET', job)).toMatchObject({ input: { include_succeeded: true }, result: { changed: 7 } });
});

test('a list of successes asks for the number at once', async ({ page }) => {
  const dialog = await askForAll(page, 'tag=again&status=SUCCESS', 'Retry');
  await expect(dialog.getByRole('button', { name: 'Retry 60 succeeded tasks' })).toBeDisabled();
  await dialog.getByLabel('60 tasks have already succeeded. Type 60 to run them again, too.').fill('60');
  await dialog.getByRole('button', { name: 'Retry 60 succeeded tasks' }).click();
  await expect(page.locator('.toast')).toContainText('A bulk task retries the matching tasks');
});

test('more tasks than the API counts are said to be more', async ({ page }) => {
  const by = [{ name: 'demo.fail', status: 'FAILURE', count: 20_000 }];
  const counted = { count: 20_000, is_complete: false, by };
  await page.route(apiPath(/^\/tasks\/retry$/), (route) => route.fulfill({ json: counted }));
  const dialog = await askForAll(page, 'status=FAILURE', 'Retry');
  await expect(dialog.getByRole('button', { name: 'Retry more than 20,000 failed tasks' })).toBeEnabled();
  await expect(dialog).toContainText('More than 20,000 tasks match');
});

test('all that match needs a filter, and says when there is nothing to change', async ({ page }) => {
  const dialog = await askForAll(page, 'tag=sums', 'Revoke');
  await expect(dialog).toContainText('No matching task can be revoked.');
  await expect(dialog.getByRole('button', { name: 'Revoke 0 tasks' })).toBeDisabled();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('button', { name: 'All that match' })).toBeFocused();

  await page.goto(`${OPEN}/dashboard/tasks`);
  await page.getByRole('button', { name: 'All that match' }).click();
  await expect(page.getByRole('button', { name: 'Retry …' })).toBeDisabled();
  await expect(page.getByText('Choose a filter first.')).toBeVisible();
});
