// Shared by the browser tests: the addresses of the Workers, their test data, and checks for every page.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import type { TestData } from './test-data.ts';

/** The origin of the Worker that needs no API key. `WITH_API_KEYS` is the origin of the other. */
export const OPEN = process.env.E2E_OPEN ?? '';
export const WITH_API_KEYS = process.env.E2E_WITH_API_KEYS ?? '';
export const ADMIN_API_KEY = process.env.E2E_ADMIN_API_KEY ?? '';
export const DATA = JSON.parse(process.env.E2E_DATA ?? '{}') as TestData;

/** The secret of the links that the Worker in open mode signs. */
export const LINK_SECRET = 'a secret for the browser tests only';

/** Opens a page of the dashboard and waits until it has loaded its data. */
export async function visit(page: Page, path = '', origin = OPEN): Promise<void> {
  await page.goto(`${origin}/dashboard${path}`);
  await untilLoaded(page);
}

export async function untilLoaded(page: Page): Promise<void> {
  await expect(page.locator('h1')).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

/** Expects no violation of WCAG that axe calls serious or critical. Ignores frames, which show mails. */
export async function expectAccessible(page: Page): Promise<void> {
  // Colours are wrong during a transition.
  await page.addStyleTag({ content: '* { animation: none !important; transition: none !important; }' });
  const { violations } = await new AxeBuilder({ page: page as never }).setLegacyMode(true).exclude('iframe').analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const described = grave.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`).join('\n')}`,
  );
  expect(described, page.url()).toEqual([]);
}

/** Expects that nothing is wider than the window. */
export async function expectNoOverflow(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), page.url()).toBeLessThanOrEqual(
    0,
  );
}

/** Matches API requests by their path, but not the pages of the dashboard with similar names. */
export function apiPath(path: RegExp): (url: URL) => boolean {
  return ({ pathname }) => path.test(pathname);
}

/** Calls the API directly, without the page. */
export async function call<T>(
  method: string,
  path: string,
  json?: unknown,
  origin = OPEN,
  apiKey?: string,
): Promise<T> {
  const reply = await fetch(origin + path, {
    method,
    headers: { 'content-type': 'application/json', ...(apiKey && { authorization: `Bearer ${apiKey}` }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export async function enqueue(name: string, input: unknown, options: object = {}): Promise<string> {
  return (await call<{ task_id: string }>('POST', '/tasks', { name, input, options })).task_id;
}
