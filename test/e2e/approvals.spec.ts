// Tests of approvals: on the page of their task, on the page that lists them, and on the small page behind a link.
import { createHmac } from 'node:crypto';
import { expect, type Page, test } from '@playwright/test';
import {
  apiPath,
  call,
  DATA,
  enqueue,
  expectAccessible,
  expectNoOverflow,
  LINK_SECRET,
  OPEN,
  visit,
} from './support.ts';

// A real task runs in each of them, beside a browser.
test.describe.configure({ timeout: 90_000 });

const ask = async (title: string) => {
  const id = await enqueue('demo.approval', { title, timeout: 3600 });
  await expect.poll(async () => (await stepsOf(id)).map(({ name }) => name)).toContain('approval');
  return id;
};
const stepsOf = async (id: string) =>
  (await call<{ items: { name: string; result: unknown }[] }>('GET', `/tasks/${id}/steps`)).items;
const resultOf = async (id: string) => (await call<{ result: unknown }>('GET', `/tasks/${id}?wait=20`)).result;
const unique = () => `Refund order ${crypto.randomUUID().slice(0, 8)}?`;
const card = (page: Page, title: string) => page.locator('.approval', { hasText: title });

test('a task asks on its page; approving it with a note lets it go on', async ({ page }) => {
  const title = unique();
  const id = await ask(title);
  await visit(page, `/tasks/${id}`);
  const asked = page.getByRole('region', { name: `Decision about ${title}` });
  await asked.getByLabel('Note').fill('as agreed <b>');
  await asked.getByRole('button', { name: `Approve ${title}` }).click();

  await expect(page.locator('.toast')).toContainText('Approved. The task goes on.');
  await expect(asked).toHaveCount(0);
  await expect(page.locator('.state-large')).toHaveText('Success');
  await expect(page.locator('.step-state').first()).toHaveText('Approved');
  await page.locator('.step > button').first().click();
  await expect(page.locator('.step-details')).toContainText(/Approved by .+: as agreed <b>/);
  expect(await resultOf(id)).toMatchObject({ approved: true, note: 'as agreed <b>' });
});

test('the details of a request are shown as text', async ({ page }) => {
  await visit(page, `/tasks/${DATA.asking}`);
  const asked = page.getByRole('region', { name: /^Decision about Ship order 17/ });
  await expect(asked.locator('.facts')).toHaveText(/order17 <script>.*<\/script>total99\.5/);
  await expect(page).not.toHaveTitle(/owned/);
});

test('the page Approvals lists what waits; a decided row stays and says what was decided', async ({ page }) => {
  const [title, other] = [unique(), unique()];
  const [id] = [await ask(title), await ask(other)];
  await visit(page, '/approvals');
  await expect(
    page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: /Approvals \d+ waiting/ }),
  ).toBeVisible();

  await card(page, title).getByRole('button', { name: 'Reject' }).click();

  await expect(card(page, title)).toContainText(/Rejected by .+ just now/);
  await expect(card(page, title).getByRole('button')).toHaveCount(0);
  await page.keyboard.press('r');
  await expect(card(page, other).getByRole('button', { name: 'Approve' })).toBeVisible();
  await expect(card(page, title)).toContainText('Rejected by');
  expect(await resultOf(id)).toMatchObject({ approved: false });
  await card(page, title).getByRole('link', { name: 'demo.approval' }).click();
  await expect(page.locator('.step-state').first()).toHaveText('Rejected');
});

test('what was decided elsewhere meanwhile is said, and nothing changes', async ({ page }) => {
  const title = unique();
  const id = await ask(title);
  await page.addInitScript(() => localStorage.setItem('errand.refresh', '0'));
  await visit(page, '/approvals');
  await expect(card(page, title)).toBeVisible();
  await call('POST', `/tasks/${id}/approvals`, { step: 'approval', approved: true });

  await card(page, title).getByRole('button', { name: 'Reject' }).click();
  await expect(card(page, title).getByRole('alert')).toContainText('was approved before');
  expect(await resultOf(id)).toMatchObject({ approved: true });
});

test('an empty list says how tasks ask', async ({ page }) => {
  await page.route(apiPath(/^\/approvals$/), (route) => route.fulfill({ json: { items: [], next_cursor: null } }));
  await visit(page, '/approvals');
  await expect(page.getByRole('heading', { name: 'Nothing waits for a decision' })).toBeVisible();
  await expect(page.locator('.badge')).toHaveCount(0);
  await expectAccessible(page);
  await page.screenshot({ path: 'test/e2e/out/light-approvals-empty.png' });
});

/** The link that the task sends. */
function linkOf(id: string, step: string): string {
  const text = JSON.stringify([id, step, 1]);
  const signature = createHmac('sha256', LINK_SECRET).update(`approval\n${text}`).digest('base64url');
  return `${OPEN}/approve/${Buffer.from(text).toString('base64url')}.${signature}`;
}

test('the page behind a link looks like the dashboard, decides once and says what was decided', async ({ page }) => {
  const id = await enqueue('demo.checkout', { order: 'sofa-12', total: 1250.4 });
  await expect.poll(async () => (await stepsOf(id)).length).toBe(3);
  const reply = await page.goto(linkOf(id, 'approve'));
  expect(reply?.headers()['content-security-policy']).toContain("default-src 'none'");
  await expect(page.getByRole('heading', { name: 'Ship order sofa-12?' })).toBeVisible();
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await page.screenshot({ path: `test/e2e/out/${colorScheme}-approve.png` });
  }
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoOverflow(page);
  await page.screenshot({ path: 'test/e2e/out/narrow-approve.png' });

  await page.getByLabel('Note').fill('out of stock');
  await page.getByRole('button', { name: 'Reject' }).click();
  await expect(page.getByRole('heading', { name: 'Decided' })).toBeVisible();
  await expect(page.getByText('was rejected on')).toBeVisible();
  await page.screenshot({ path: 'test/e2e/out/narrow-approve-decided.png' });
  await page.goto(linkOf(id, 'approve'));
  await expect(page.getByRole('button')).toHaveCount(0);
  expect(await call('GET', `/tasks/${id}?wait=20`)).toMatchObject({ status: 'FAILURE', error: { code: 'rejected' } });
  await visit(page, `/tasks/${id}`);
  await expect(page.locator('.step-state')).toHaveText(['Undone', 'Undone', 'Rejected']);
});
