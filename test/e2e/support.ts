// What the browser tests share: where the Workers are, what is in them, and what must hold on every page.
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';
import type { Seed } from './seed.ts';

export const OPEN = process.env.E2E_OPEN ?? '';
export const KEYS = process.env.E2E_KEYS ?? '';
export const ADMIN_KEY = process.env.E2E_ADMIN_KEY ?? '';
export const SEED = JSON.parse(process.env.E2E_SEED ?? '{}') as Seed;

/** Opens a page of the dashboard and waits until it shows what it loaded. */
export async function visit(page: Page, path = '', origin = OPEN): Promise<void> {
  await page.goto(`${origin}/dashboard${path}`);
  await settled(page);
}

export async function settled(page: Page): Promise<void> {
  await expect(page.locator('h1')).toBeVisible();
  await expect(page.locator('.skeleton')).toHaveCount(0);
  await expect(page.locator('[aria-busy="true"]')).toHaveCount(0);
}

/** No violation of WCAG that axe calls serious or critical. A mail in its frame is not ours to judge. */
export async function expectAccessible(page: Page): Promise<void> {
  // What moves or fades is not what is judged.
  await page.addStyleTag({ content: '* { animation: none !important; transition: none !important; }' });
  const { violations } = await new AxeBuilder({ page: page as never }).setLegacyMode(true).exclude('iframe').analyze();
  const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical');
  const words = grave.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html, any }) => `${html} ${any[0]?.message ?? ''}`).join('\n')}`,
  );
  expect(words, page.url()).toEqual([]);
}

/** Nothing is wider than the window. */
export async function expectNoOverflow(page: Page): Promise<void> {
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth), page.url()).toBeLessThanOrEqual(
    0,
  );
}

/** Requests of the API whose path fits, and not the pages of the dashboard that are named alike. */
export function apiPath(path: RegExp): (url: URL) => boolean {
  return ({ pathname }) => path.test(pathname);
}

/** A call of the API beside the page. */
export async function call<T>(method: string, path: string, json?: unknown, origin = OPEN, key?: string): Promise<T> {
  const reply = await fetch(origin + path, {
    method,
    headers: { 'content-type': 'application/json', ...(key && { authorization: `Bearer ${key}` }) },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const text = await reply.text();
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${text}`);
  return (text === '' ? undefined : JSON.parse(text)) as T;
}

export async function enqueue(name: string, input: unknown, options: object = {}): Promise<string> {
  return (await call<{ task_id: string }>('POST', '/tasks', { name, input, options })).task_id;
}
