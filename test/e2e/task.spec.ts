// Tests of the page of one task.
import { expect, test } from '@playwright/test';
import { apiPath, call, DATA, enqueue, visit } from './support.ts';
import { HOSTILE } from './test-data.ts';

test('HTML in a task or mail is shown as text', async ({ page }) => {
  for (const path of [
    `/tasks/${DATA.failed}`,
    `/tasks/${DATA.later}`,
    `/mailbox/${DATA.mail}`,
    '/tasks?tag=%3Cscript%3E',
  ]) {
    await visit(page, path);
    await expect(page).not.toHaveTitle(/owned/);
  }
  await visit(page, `/tasks/${DATA.failed}`);
  await expect(page.getByText(`refused ${HOSTILE}`).first()).toBeVisible();
});

test('a failed task is retried, and its history stays', async ({ page }) => {
  const id = await enqueue('demo.fail', { message: 'not today', permanent: true });
  await visit(page, `/tasks/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Failure');

  await page.getByRole('button', { name: 'Retry task' }).click();

  await expect(page.locator('.toast')).toContainText('The task runs again');
  await expect(page.getByText('Attempt 2 failed')).toBeVisible();
  await expect(page.getByText('Attempt 1 failed')).toBeVisible();
});

test('the timeline and the attempts of a retried task show each step', async ({ page }) => {
  await visit(page, `/tasks/${DATA.flaky}`);

  await expect(page.locator('.timeline li')).toHaveText([
    /Created/,
    /Attempt 1 started/,
    /Attempt 1 failed, retry follows/,
    /Attempt 2 started/,
    /Attempt 2 failed/,
    /Attempt 3 started/,
    /Attempt 3 succeeded/,
  ]);
  await page.locator('.attempt summary').last().click();
  await expect(page.locator('.attempt').last()).toContainText('failing on purpose: attempt 1');
});

test('log lines are shown with their fields', async ({ page }) => {
  await visit(page, `/tasks/${DATA.log}`);

  await expect(page.locator('.log-line')).toHaveCount(40);
  await expect(page.locator('.log-line').first()).toContainText('line 1{"line":1}');
});

test('a task runs again with edited input as a new task', async ({ page }) => {
  await visit(page, `/tasks/${DATA.flaky}`);
  await page.getByRole('button', { name: 'Run again with edited input' }).click();
  const input = page.getByRole('textbox', { name: 'Input (JSON)' });

  await input.fill('{ "failures": ');
  await page.getByRole('button', { name: 'Enqueue task' }).click();
  await expect(page.getByRole('dialog')).toContainText('This is not valid JSON');
  await input.fill('{ "failures": "many" }');
  await page.getByRole('button', { name: 'Enqueue task' }).click();
  await expect(page.getByRole('dialog')).toContainText('input.failures');
  await input.fill('{ "failures": 1970670598291982290 }');
  await page.getByRole('button', { name: 'Enqueue task' }).click();
  await expect(page.getByRole('dialog')).toContainText('does not keep 1970670598291982290 exactly');
  await input.fill('{ "failures": 0 }');
  await page.getByRole('button', { name: 'Enqueue task' }).click();

  await expect(page).not.toHaveURL(new RegExp(DATA.flaky));
  await expect(page.locator('.state-large')).toHaveText('Success');
  await expect(page.locator('.json-leaf', { hasText: 'attempts1' })).toBeVisible();
});

test('a waiting task is revoked after a confirmation', async ({ page }) => {
  const id = await enqueue('demo.echo', { value: 1 }, { countdown: 9000 });
  await visit(page, `/tasks/${id}`);

  await page.getByRole('button', { name: 'Revoke task' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('.state-large')).toHaveText('Pending');
  await page.getByRole('button', { name: 'Revoke task' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke task' }).click();

  await expect(page.locator('.state-large')).toHaveText('Revoked');
  expect((await call<{ status: string }>('GET', `/tasks/${id}`)).status).toBe('REVOKED');
});

test('a result of 1 MB is shown in parts; a larger one is loaded by a click', async ({ page }) => {
  await visit(page, `/tasks/${DATA.big}`);
  await expect(page.getByRole('button', { name: 'Show 20.0 kB of 999.4 kB more' })).toBeVisible();
  expect(await page.evaluate(() => document.body.textContent?.length)).toBeLessThan(20_000);
  await page.getByRole('button', { name: 'Show 20.0 kB of 999.4 kB more' }).click();
  await expect(page.getByRole('button', { name: 'Show 20.0 kB of 979.4 kB more' })).toBeVisible();

  await visit(page, `/tasks/${DATA.huge}`);
  await page.getByRole('button', { name: 'Load result' }).click();
  await expect(page.getByText('2.0 MB of JSON')).toBeVisible();
});

test('an error of 10,000 lines is cut', async ({ page }) => {
  const message = Array.from({ length: 10_000 }, (_, line) => `line ${line}: ${HOSTILE}`).join('\n');
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.failed}$`)), async (route) => {
    const reply = await route.fetch();
    const task = (await reply.json()) as object;
    await route.fulfill({ json: { ...task, error: { code: 'error', type: 'RangeError', message } } });
  });
  await visit(page, `/tasks/${DATA.failed}`);

  await expect(page.getByText('Show 500 of 9,988 more lines')).toBeVisible();
  expect(await page.evaluate(() => document.body.scrollHeight)).toBeLessThan(4000);
  await page.getByRole('button', { name: 'Show 500 of 9,988 more lines' }).click();
  await expect(page.getByText('line 511:')).toBeVisible();
});

test('the page of an unknown id says that there is no such task', async ({ page }) => {
  await visit(page, `/tasks/${crypto.randomUUID()}`);

  await expect(page.getByRole('alert')).toContainText('There is no such task');
});

test.describe('in another time zone', () => {
  test.use({ timezoneId: 'Asia/Kathmandu', locale: 'ne-NP' });

  test('a time has the reader’s time zone and UTC', async ({ page }) => {
    await visit(page, `/tasks/${DATA.failed}`);
    const { created_at } = await call<{ created_at: string }>('GET', `/tasks/${DATA.failed}`);
    const title = (await page.locator('.timeline time').first().getAttribute('title')) ?? '';

    expect(title).toContain('GMT+5:45');
    expect(title).toContain(`${created_at.slice(11, 23)} UTC`);
  });
});
