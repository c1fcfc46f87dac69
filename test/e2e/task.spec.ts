// One task, and what is done with it.
import { expect, test } from '@playwright/test';
import { HOSTILE } from './seed.ts';
import { apiPath, call, enqueue, SEED, visit } from './support.ts';

test('hostile text is text', async ({ page }) => {
  for (const path of [
    `/tasks/${SEED.failed}`,
    `/tasks/${SEED.later}`,
    `/mailbox/${SEED.mail}`,
    '/tasks?tag=%3Cscript%3E',
  ]) {
    await visit(page, path);
    await expect(page).not.toHaveTitle(/owned/);
  }
  await visit(page, `/tasks/${SEED.failed}`);
  await expect(page.getByText(`refused ${HOSTILE}`).first()).toBeVisible();
});

test('a failed task is retried, and its history stays', async ({ page }) => {
  const id = await enqueue('demo.fail', { message: 'not today', permanent: true });
  await visit(page, `/tasks/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Failure');

  await page.getByRole('button', { name: 'Retry' }).click();

  await expect(page.locator('.toast')).toContainText('runs again');
  await expect(page.getByText('Attempt 2 failed')).toBeVisible();
  await expect(page.getByText('Attempt 1 failed')).toBeVisible();
});

test('the timeline and the attempts of a retried task tell what happened', async ({ page }) => {
  await visit(page, `/tasks/${SEED.flaky}`);

  await expect(page.locator('.timeline li')).toHaveText([
    /Created/,
    /Attempt 1 started/,
    /Attempt 1 failed, to be tried again/,
    /Attempt 2 started/,
    /Attempt 2 failed/,
    /Attempt 3 started/,
    /Attempt 3 succeeded/,
  ]);
  await page.locator('.attempt summary').last().click();
  await expect(page.locator('.attempt').last()).toContainText('failing on purpose: attempt 1');
});

test('log lines are shown with their fields', async ({ page }) => {
  await visit(page, `/tasks/${SEED.log}`);

  await expect(page.locator('.log-line')).toHaveCount(40);
  await expect(page.locator('.log-line').first()).toContainText('line 1{"line":1}');
});

test('it runs again with an input that was edited, as a new task', async ({ page }) => {
  await visit(page, `/tasks/${SEED.flaky}`);
  await page.getByRole('button', { name: 'Run again with' }).click();
  const input = page.getByRole('textbox', { name: 'Input, as JSON' });

  await input.fill('{ "failures": ');
  await page.getByRole('button', { name: 'Enqueue' }).click();
  await expect(page.getByRole('dialog')).toContainText('This is not JSON');
  await input.fill('{ "failures": "many" }');
  await page.getByRole('button', { name: 'Enqueue' }).click();
  await expect(page.getByRole('dialog')).toContainText('input.failures');
  await input.fill('{ "failures": 0 }');
  await page.getByRole('button', { name: 'Enqueue' }).click();

  await expect(page).not.toHaveURL(new RegExp(SEED.flaky));
  await expect(page.locator('.state-large')).toHaveText('Success');
  await expect(page.locator('.json-leaf', { hasText: 'attempts1' })).toBeVisible();
});

test('a waiting task is revoked after a question', async ({ page }) => {
  const id = await enqueue('demo.echo', { value: 1 }, { countdown: 9000 });
  await visit(page, `/tasks/${id}`);

  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('.state-large')).toHaveText('Pending');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();

  await expect(page.locator('.state-large')).toHaveText('Revoked');
  expect((await call<{ status: string }>('GET', `/tasks/${id}`)).status).toBe('REVOKED');
});

test('a result of a megabyte is shown in parts; a larger one when asked', async ({ page }) => {
  await visit(page, `/tasks/${SEED.big}`);
  await expect(page.getByRole('button', { name: '999.4 kB more' })).toBeVisible();
  expect(await page.evaluate(() => document.body.textContent?.length)).toBeLessThan(20_000);
  await page.getByRole('button', { name: '999.4 kB more' }).click();
  await expect(page.getByRole('button', { name: '979.4 kB more' })).toBeVisible();

  await visit(page, `/tasks/${SEED.huge}`);
  await page.getByRole('button', { name: 'Load it' }).click();
  await expect(page.getByText('2.0 MB of JSON')).toBeVisible();
});

test('an error of ten thousand lines does not bury the page', async ({ page }) => {
  const message = Array.from({ length: 10_000 }, (_, line) => `line ${line}: ${HOSTILE}`).join('\n');
  await page.route(apiPath(new RegExp(`^/tasks/${SEED.failed}$`)), async (route) => {
    const reply = await route.fetch();
    const task = (await reply.json()) as object;
    await route.fulfill({ json: { ...task, error: { code: 'error', type: 'RangeError', message } } });
  });
  await visit(page, `/tasks/${SEED.failed}`);

  await expect(page.getByText('of 9,988 more lines')).toBeVisible();
  expect(await page.evaluate(() => document.body.scrollHeight)).toBeLessThan(4000);
  await page.getByRole('button', { name: 'of 9,988 more lines' }).click();
  await expect(page.getByText('line 511:')).toBeVisible();
});

test('an id nobody has is said to be none', async ({ page }) => {
  await visit(page, `/tasks/${crypto.randomUUID()}`);

  await expect(page.getByRole('alert')).toContainText('There is no such task');
});

test.describe('in another time zone', () => {
  test.use({ timezoneId: 'Asia/Kathmandu', locale: 'ne-NP' });

  test('times say both the reader’s and UTC', async ({ page }) => {
    await visit(page, `/tasks/${SEED.failed}`);
    const { created_at } = await call<{ created_at: string }>('GET', `/tasks/${SEED.failed}`);
    const title = (await page.locator('.timeline time').first().getAttribute('title')) ?? '';

    expect(title).toContain('GMT+5:45');
    expect(title).toContain(`${created_at.slice(11, 23)} UTC`);
  });
});
