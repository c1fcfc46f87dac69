// Tests of every page in light, dark and narrow: accessible, not wider than the window, and without errors. Takes a screenshot of
// each.
import { expect, test } from '@playwright/test';
import { DATA, expectAccessible, expectNoOverflow, visit } from './support.ts';

const PAGES: Record<string, string> = {
  overview: '',
  tasks: '/tasks',
  'tasks-failure': '/tasks?status=FAILURE',
  'tasks-nothing': '/tasks?tag=unused-tag',
  'tasks-unknown-filter': '/tasks?status=fail',
  'task-failed': `/tasks/${DATA.failed}`,
  'task-retried': `/tasks/${DATA.flaky}`,
  'task-log': `/tasks/${DATA.log}`,
  'task-large': `/tasks/${DATA.huge}`,
  'task-later': `/tasks/${DATA.later}`,
  'task-steps': `/tasks/${DATA.steps}`,
  'task-undone': `/tasks/${DATA.undone}`,
  'task-asking': `/tasks/${DATA.asking}`,
  approvals: '/approvals',
  workflows: '/workflows',
  workflow: `/workflows/${DATA.failedWorkflow}`,
  graph: `/workflows/${DATA.graph}`,
  queues: '/queues',
  schedules: '/schedules',
  definitions: '/definitions',
  definition: '/definitions/email.send',
  files: '/files',
  file: `/files/${encodeURIComponent(DATA.file)}`,
  mailbox: '/mailbox',
  mail: `/mailbox/${DATA.mail}`,
  playground: '/playground',
  keys: '/keys',
  'not-found': '/nowhere',
};

const WIDE = { width: 1360, height: 860 };
const NARROW = { width: 360, height: 780 };

for (const [name, path] of Object.entries(PAGES)) {
  test(`the page ${name} works in light, dark and narrow`, async ({ page }) => {
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      // The mail contains a script, and the browser reports that the frame blocks it.
      const expected = message.text().includes("document's frame is sandboxed");
      if (message.type() === 'error' && !expected) faults.push(message.text());
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

test('a chart that does not notice a narrower window does not widen the page', async ({ page }) => {
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

test('a chosen theme overrides the system’s and is kept after a reload', async ({ page }) => {
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
