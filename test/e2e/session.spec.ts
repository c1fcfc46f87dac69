// Keys, signing in, what a key may not do, a lost connection.
import { expect, type Page, test } from '@playwright/test';
import { ADMIN_KEY, apiPath, call, expectAccessible, KEYS, OPEN, SEED, settled, visit } from './support.ts';

// Attempts to sign in are limited by address, and all these come from one.
test.describe.configure({ mode: 'serial' });

async function signIn(page: Page, key: string): Promise<void> {
  await page.goto(`${KEYS}/dashboard`);
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await settled(page);
}

const makeKey = (scopes: string[]) =>
  call<{ key: string; prefix: string }>('POST', '/keys', { name: 'e2e', scopes }, KEYS, ADMIN_KEY);

test('a wrong key is refused, a good one lets in, and signing out ends it', async ({ page, context }) => {
  await page.goto(`${KEYS}/dashboard/keys`);
  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
  await page.screenshot({ path: 'test/e2e/out/light-sign-in.png' });
  await expectAccessible(page);
  await page.getByLabel('API key').fill('errand_nobody_made_this_key');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('alert')).toContainText('unknown, expired or revoked');

  await page.getByLabel('API key').fill(` ${ADMIN_KEY} `);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await expect(page.getByRole('heading', { name: 'Keys', level: 1 })).toBeVisible();
  await expect(page.getByRole('row', { name: 'browser tests' })).toContainText('yours');
  const [cookie] = await context.cookies();
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' });
  expect(JSON.stringify(await context.storageState())).not.toContain(ADMIN_KEY);

  await page.reload();
  await expect(page.getByRole('heading', { name: 'Keys', level: 1 })).toBeVisible();
  await page.getByRole('button', { name: 'Sign out' }).click();
  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
  await page.reload();
  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
});

test('pages without anything in them teach', async ({ page }) => {
  await signIn(page, ADMIN_KEY);

  for (const [path, teaches] of [
    ['/tasks', '/tasks'],
    ['/workflows', '/process'],
    ['/mailbox', '/users/register'],
  ] as const) {
    await visit(page, path, KEYS);
    await expect(page.locator('.empty .command')).toContainText(`curl -s ${KEYS}${teaches}`);
    await page.screenshot({ path: `test/e2e/out/light-empty-${path.slice(1)}.png` });
    await expectAccessible(page);
  }
});

test('a key that may only read sees no actions, and the API would refuse them', async ({ page }) => {
  const { task_id: id } = await call<{ task_id: string }>(
    ...(['POST', '/tasks', { name: 'demo.fail', input: { message: 'no', permanent: true } }, KEYS, ADMIN_KEY] as const),
  );
  await signIn(page, (await makeKey(['tasks:read'])).key);

  await expect(page.getByText('read only')).toBeVisible();
  await expect(page.getByRole('link', { name: 'Keys' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Playground' })).toHaveCount(0);
  await visit(page, '', KEYS);
  for (const key of ['g', 'k', 'g', 'p', 'g', 't']) await page.keyboard.press(key);
  await expect(page.getByRole('heading', { name: 'Tasks', level: 1 })).toBeVisible();
  await page.goBack();
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog').getByText('Schedules')).toBeVisible();
  await expect(page.getByRole('dialog').getByText('Playground')).toHaveCount(0);
  await visit(page, '/tasks', KEYS);
  await expect(page.locator('tbody input[type=checkbox]')).toHaveCount(0);
  await visit(page, `/tasks/${id}`, KEYS);
  await expect(page.locator('.state-large')).toHaveText('Failure');
  await expect(page.locator('.page-actions button')).toHaveCount(0);
  await visit(page, '/keys', KEYS);
  await expect(page.getByRole('alert')).toContainText('does not allow this');
  const refused = await page.evaluate(
    async (path) => (await fetch(path, { method: 'POST' })).status,
    `/tasks/${id}/retry`,
  );
  expect(refused).toBe(403);
});

test('a key is made, shown once, and revoked', async ({ page }) => {
  const name = `<b>mobile</b> ${crypto.randomUUID().slice(0, 6)}`;
  await signIn(page, ADMIN_KEY);
  await visit(page, '/keys', KEYS);
  await page.getByRole('button', { name: 'New key' }).click();
  await page.getByLabel('Whose it is').fill(name);
  await page.getByRole('combobox', { name: 'Expires' }).selectOption('2');
  await page.getByRole('button', { name: 'Make it' }).click();

  const key = (await page.locator('.new-key code').textContent())?.trim() ?? '';
  expect(key).toMatch(/^errand_[\w-]{43}$/);
  expect(await call('GET', '/session', undefined, KEYS, key)).toMatchObject({ name });
  await page.getByRole('button', { name: 'Done' }).click();
  const row = page.getByRole('row', { name });
  await expect(row).toContainText('expires in 29 d');
  await expect(page.getByText(key)).toHaveCount(0);

  await row.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();
  await expect(row).toContainText('revoked just now');
});

test('a key that is revoked signs its sessions out', async ({ page }) => {
  const { key, prefix } = await makeKey(['tasks:read']);
  await signIn(page, key);
  await page.getByRole('combobox', { name: 'Refresh rate' }).selectOption('2');

  await call('DELETE', `/keys/${prefix}`, undefined, KEYS, ADMIN_KEY);

  await expect(page.getByRole('heading', { name: 'Sign in to Errand' })).toBeVisible();
});

test('a lost connection is said, what was loaded stays, and it recovers by itself', async ({ page }) => {
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

test('who looks cannot be found out: why is said, until it can', async ({ page }) => {
  const asked = apiPath(/^\/session$/);
  await page.route(asked, (route) => route.fulfill({ status: 503, json: { title: 'The database is unavailable' } }));
  await page.goto(`${OPEN}/dashboard`);

  await expect(page.getByRole('alert')).toContainText('The database is unavailable');
  await expectAccessible(page);
  await page.unroute(asked);
  await expect(page.getByRole('heading', { name: 'Overview', level: 1 })).toBeVisible();
});

test('what the browser does not let be copied is not said to be', async ({ page }) => {
  await page.addInitScript(() => {
    navigator.clipboard.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
  });
  await visit(page, `/tasks/${SEED.log}`);
  await page.getByRole('button', { name: 'Copy the id' }).click();

  await expect(page.locator('.toast')).toContainText('did not let this page copy');
  await expect(page.getByRole('button', { name: 'Copied' })).toHaveCount(0);
});

test('a Worker that is not well is quoted, with what to do', async ({ page }) => {
  const problem = { title: 'The database is unavailable', code: 'store_unavailable', request_id: 'r-1' };
  await page.route(apiPath(new RegExp(`^/tasks/${SEED.log}$`)), (route) =>
    route.fulfill({ status: 503, json: problem }),
  );

  await page.goto(`${OPEN}/dashboard/tasks/${SEED.log}`);

  await expect(page.getByRole('alert')).toContainText('The database is unavailable');
  await expect(page.getByRole('alert')).toContainText('tries again by itself');
  await expect(page.getByRole('alert')).toContainText('r-1');
});
