// Tests of API keys, sessions, scopes and a lost connection.
import { expect, type Page, test } from '@playwright/test';
import {
  ADMIN_API_KEY,
  apiPath,
  call,
  DATA,
  expectAccessible,
  expectNoOverflow,
  OPEN,
  untilLoaded,
  visit,
  WITH_API_KEYS,
} from './support.ts';

// Not in parallel: sign-in attempts are limited per address, and all tests share one address.
test.describe.configure({ mode: 'serial' });

async function signIn(page: Page, apiKey: string): Promise<void> {
  await page.goto(`${WITH_API_KEYS}/dashboard`);
  await page.getByLabel('API key').fill(apiKey);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await untilLoaded(page);
}

const createApiKey = (scopes: string[]) =>
  call<{ key: string; prefix: string }>('POST', '/keys', { name: 'e2e', scopes }, WITH_API_KEYS, ADMIN_API_KEY);

test('a wrong API key is refused, a valid one signs in, and signing out ends the session', async ({
  page,
  context,
}) => {
  await page.goto(`${WITH_API_KEYS}/dashboard/keys`);
  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
  await page.screenshot({ path: 'test/e2e/out/light-sign-in.png' });
  await expectAccessible(page);
  await page.getByLabel('API key').fill('errand_an_api_key_that_does_not_exist');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('unknown, expired or revoked');

  await page.getByLabel('API key').fill(` ${ADMIN_API_KEY} `);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible();
  await expect(page.getByRole('row', { name: 'browser tests' })).toContainText('yours');
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(JSON.stringify(await context.storageState())).not.toContain(ADMIN_API_KEY);

  await page.reload();
  await expect(page.getByRole('heading', { name: 'API keys', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
});

test('empty pages show how to start', async ({ page }) => {
  await signIn(page, ADMIN_API_KEY);

  for (const [path, command] of [
    ['/tasks', '/tasks'],
    ['/workflows', '/process'],
    ['/mailbox', '/users/register'],
  ] as const) {
    await visit(page, path, WITH_API_KEYS);
    await expect(page.locator('.empty .command')).toContainText(`curl -s ${WITH_API_KEYS}${command}`);
    await page.screenshot({ path: `test/e2e/out/light-empty-${path.slice(1)}.png` });
    await expectAccessible(page);
  }
});

test('an API key with only tasks:read sees no actions, and the API refuses them', async ({ page }) => {
  const { task_id: id } = await call<{ task_id: string }>(
    ...([
      'POST',
      '/tasks',
      { name: 'demo.fail', input: { message: 'no', permanent: true } },
      WITH_API_KEYS,
      ADMIN_API_KEY,
    ] as const),
  );
  await signIn(page, (await createApiKey(['tasks:read'])).key);

  await expect(page.getByText('read only')).toBeVisible();
  await expect(page.getByRole('link', { name: 'API keys' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Playground' })).toHaveCount(0);
  await visit(page, '', WITH_API_KEYS);
  for (const letter of ['g', 'k', 'g', 'p', 'g', 't']) await page.keyboard.press(letter);
  await expect(page.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog').getByText('Schedules')).toBeVisible();
  await expect(page.getByRole('dialog').getByText('Playground')).toHaveCount(0);
  await visit(page, '/tasks', WITH_API_KEYS);
  await expect(page.locator('tbody input[type=checkbox]')).toHaveCount(0);
  await visit(page, `/tasks/${id}`, WITH_API_KEYS);
  await expect(page.locator('.state-large')).toHaveText('Failure');
  await expect(page.locator('.page-actions button')).toHaveCount(0);
  await visit(page, '/keys', WITH_API_KEYS);
  await expect(page.getByRole('alert')).toContainText('does not allow this');
  const refused = await page.evaluate(
    async (path) => (await fetch(path, { method: 'POST' })).status,
    `/tasks/${id}/retry`,
  );
  expect(refused).toBe(403);
});

test('an API key with only tasks:read sees what waits for a decision and the steps, without their buttons', async ({
  page,
}) => {
  const asking = { name: 'demo.approval', input: { title: 'Only for readers?' } };
  const task = await call<{ task_id: string }>('POST', '/tasks', asking, WITH_API_KEYS, ADMIN_API_KEY);
  await signIn(page, (await createApiKey(['tasks:read'])).key);

  await visit(page, '/approvals', WITH_API_KEYS);
  await expect(page.locator('.approval', { hasText: 'Only for readers?' })).toBeVisible();
  await expect(page.getByRole('button', { name: /Approve|Reject/ })).toHaveCount(0);
  await visit(page, `/tasks/${task.task_id}`, WITH_API_KEYS);
  await expect(page.getByText('needs the scope tasks:write')).toBeVisible();
  await page.locator('.step > button').first().click();
  await expect(page.locator('.step-details')).toBeVisible();
  await expect(page.getByRole('button', { name: 'from here' })).toHaveCount(0);
});

test('an API key is created, shown once, and revoked', async ({ page }) => {
  const name = `<b>mobile</b> ${crypto.randomUUID().slice(0, 6)}`;
  await signIn(page, ADMIN_API_KEY);
  await visit(page, '/keys', WITH_API_KEYS);
  await page.getByRole('button', { name: 'New API key' }).click();
  await page.setViewportSize({ width: 360, height: 780 });
  await page.screenshot({ path: 'test/e2e/out/narrow-api-key-dialog.png' });
  await expectNoOverflow(page);
  await page.setViewportSize({ width: 1360, height: 860 });
  await page.getByLabel('Label').fill(name);
  await page.getByRole('combobox', { name: 'Expires' }).selectOption('2');
  await page.getByRole('button', { name: 'Create API key' }).click();

  const key = (await page.locator('.new-key code').textContent())?.trim() ?? '';
  expect(key).toMatch(/^errand_[\w-]{43}$/);
  expect(await call('GET', '/session', undefined, WITH_API_KEYS, key)).toMatchObject({ name });
  await page.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('row', { name });
  await expect(row).toContainText('expires in 29 d');
  await expect(page.getByText(key)).toHaveCount(0);

  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke API key' }).click();
  await expect(row).toContainText('revoked just now');
});

test('revoking an API key ends its sessions', async ({ page }) => {
  const { key, prefix } = await createApiKey(['tasks:read']);
  await signIn(page, key);
  await page.getByRole('combobox', { name: 'Refresh rate' }).selectOption('2');

  await call('DELETE', `/keys/${prefix}`, undefined, WITH_API_KEYS, ADMIN_API_KEY);

  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
});

test('a lost connection shows a warning, keeps the loaded data, and recovers automatically', async ({ page }) => {
  await visit(page, '/tasks');
  await page.getByRole('combobox', { name: 'Refresh rate' }).selectOption('2');
  const gone = apiPath(/^\/(tasks|healthz|definitions)$/);
  await page.route(gone, (route) => route.abort('connectionrefused'));

  await expect(page.getByRole('alert')).toContainText('Connection lost');
  await expect(page.locator('tbody tr').first()).toBeVisible();
  await expectAccessible(page);
  await page.screenshot({ path: 'test/e2e/out/light-connection-lost.png' });
  await page.unroute(gone);

  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('if the session cannot be loaded, the page shows why until it can', async ({ page }) => {
  const sessionRequest = apiPath(/^\/session$/);
  await page.route(sessionRequest, (route) =>
    route.fulfill({ status: 503, json: { title: 'The database is unavailable' } }),
  );
  await page.goto(`${OPEN}/dashboard`);

  await expect(page.getByRole('alert')).toContainText('The database is unavailable');
  await expectAccessible(page);
  await page.unroute(sessionRequest);
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
});

test('if the browser refuses to copy, the page says so', async ({ page }) => {
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await visit(page, `/tasks/${DATA.log}`);
  await page.getByRole('button', { name: 'Copy the id' }).click();

  await expect(page.locator('.toast')).toContainText('The browser did not allow copying');
  await expect(page.getByRole('button', { name: 'Copied' })).toHaveCount(0);
});

test('an error of the Worker is shown with advice', async ({ page }) => {
  const problem = { title: 'The database is unavailable', code: 'store_unavailable', request_id: 'r-1' };
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.log}$`)), (route) =>
    route.fulfill({ status: 503, json: problem }),
  );

  await page.goto(`${OPEN}/dashboard/tasks/${DATA.log}`);

  await expect(page.getByRole('alert')).toContainText('The database is unavailable');
  await expect(page.getByRole('alert')).toContainText('tries again automatically');
  await expect(page.getByRole('alert')).toContainText('r-1');
});
