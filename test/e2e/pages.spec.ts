// Every page, light, dark and narrow: accessible, no wider than the window, without an error, and a picture of each.
import { expect, test } from '@playwright/test';
import { expectAccessible, expectNoOverflow, SEED, visit } from './support.ts';

const PAGES: Record<string, string> = {
  overview: '',
  tasks: '/tasks',
  'tasks-failure': '/tasks?status=FAILURE',
  'tasks-nothing': '/tasks?tag=nobody-has-this',
  'task-failed': `/tasks/${SEED.failed}`,
  'task-retried': `/tasks/${SEED.flaky}`,
  'task-log': `/tasks/${SEED.log}`,
  'task-large': `/tasks/${SEED.huge}`,
  'task-later': `/tasks/${SEED.later}`,
  workflows: '/workflows',
  workflow: `/workflows/${SEED.failedWorkflow}`,
  queues: '/queues',
  schedules: '/schedules',
  definitions: '/definitions',
  definition: '/definitions/email.send',
  files: '/files',
  mailbox: '/mailbox',
  mail: `/mailbox/${SEED.mail}`,
  playground: '/playground',
  keys: '/keys',
  'not-found': '/nowhere',
};

const WIDE = { width: 1360, height: 860 };
const NARROW = { width: 360, height: 780 };

for (const [name, path] of Object.entries(PAGES)) {
  test(`the page ${name} is sound in light, dark and narrow`, async ({ page }) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // The mail that is shown tries to run a script; that it may not is what is wanted.
      const wanted = message.text().includes("document's frame is sandboxed");
      if (message.type() === 'error' && !wanted) faults.push(message.text());
    });
    await page.setViewportSize(WIDE);
    await visit(page, path);
    await expect(page).toHaveTitle(/ · Errand$/);

    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: `test/e2e/out/${colorScheme}-${name}.png` });
      await expectAccessible(page);
    }
    await expectNoOverflow(page);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize(NARROW);
    await expectNoOverflow(page);
    await page.screenshot({ path: `test/e2e/out/narrow-${name}.png` });
    expect(faults).toEqual([]);
  });
}

test('a chart that has not been told of a narrower window does not widen the page', async ({ page }) => {
  await page.addInitScript(() => {
    window.ResizeObserver = class {
      observe() {}
      unobserve() {}
      disconnect() {}
    };
  });
  await page.setViewportSize(WIDE);
  await visit(page);
  await expect(page.locator('.chart canvas')).toHaveCount(2);
  await page.setViewportSize(NARROW);

  const canvas = await page.locator('.chart canvas').first().boundingBox();
  expect(canvas?.width).toBeGreaterThan(NARROW.width);
  await expectNoOverflow(page);
});

test('a theme that was chosen wins over the system’s, and is remembered', async ({ page }) => {
  await page.emulateMedia({ colorScheme: 'light' });
  await visit(page);
  const paper = () => page.evaluate(() => getComputedStyle(document.documentElement).backgroundColor);
  const light = await paper();

  await page.getByRole('button', { name: 'Theme: dark' }).click();
  const dark = await paper();
  await page.reload();

  expect(dark).not.toBe(light);
  expect(await paper()).toBe(dark);
});
