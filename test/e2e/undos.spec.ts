// Tests of what the page of a task says about undos, about steps that were left out, and about the cost of steps.
import { expect, type Page, type Route, test } from '@playwright/test';
import { apiPath, call, DATA, expectAccessible, expectNoOverflow, untilLoaded, visit } from './support.ts';

type Json = Record<string, unknown>;

/** Answers a read of the API with what it really answers, changed by `change`. */
async function change(page: Page, path: RegExp, how: (real: Json) => Json): Promise<void> {
  await page.route(apiPath(path), async (route: Route) => {
    const response = await route.fetch();
    await route.fulfill({ response, json: how((await response.json()) as Json) });
  });
}

async function expectGood(page: Page, name: string): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await page.screenshot({ path: `test/e2e/out/${colorScheme}-${name}.png`, fullPage: true });
  }
  await page.setViewportSize({ width: 390, height: 780 });
  await expectNoOverflow(page);
  await page.screenshot({ path: `test/e2e/out/narrow-${name}.png`, fullPage: true });
}

test('a task that was undone names its undone steps in the order of the undos', async ({ page }) => {
  await visit(page, `/tasks/${DATA.undone}`);
  await expect(page.getByRole('region', { name: 'Undone steps' })).toContainText('In reverse order: charge, reserve.');
  await expect(page.getByRole('alert')).toHaveCount(0);
});

test('an undo that failed is shown before all else, with its error', async ({ page }) => {
  await change(page, /^\/tasks\/[^/]+\/steps$/, (real) => ({
    ...real,
    items: (real.items as Json[]).map((step) =>
      step.name === 'charge'
        ? {
            ...step,
            undo: {
              ...(step.undo as Json),
              ...{ outcome: 'failed', tries: 4, error: { code: 'failed', type: 'Error', message: 'No refund.' } },
            },
          }
        : step,
    ),
  }));
  await visit(page, `/tasks/${DATA.undone}`);
  const alert = page.getByRole('alert', { name: 'Undos that failed' });
  await expect(alert).toContainText('1 undo failed');
  await expect(alert).toContainText('charge after 4 tries');
  await expect(alert).toContainText('No refund.');
  await expect(alert).toContainText('Undone: reserve.');
  await expectGood(page, 'undo-failed');
});

test('a recorded step for which the last attempt did not ask is named', async ({ page }) => {
  const line = 'Warning: the attempt ended without asking for 1 recorded steps: "charge"';
  await change(page, /^\/tasks\/[^/]+\/attempts$/, (real) => ({
    ...real,
    items: (real.items as Json[]).map((attempt) => ({
      ...attempt,
      logs: [{ at: attempt.started_at, message: line }],
    })),
  }));
  await visit(page, `/tasks/${DATA.undone}`);
  const card = page.getByRole('region', { name: 'Recorded steps that the last attempt left out' });
  await expect(card).toContainText('The attempt ended without asking for 1 recorded steps: "charge".');
  await expectGood(page, 'steps-left-out');
});

test('the cost of steps stands beside that in Cloudflare Workflows, for one task and for 1,000', async ({ page }) => {
  const { cost_usd, cost_in_workflows_usd } = await call<Record<'cost_usd' | 'cost_in_workflows_usd', number>>(
    'GET',
    `/tasks/${DATA.undone}/steps`,
  );
  // 2 steps: 2 rows written and 8 read; 2 × $0.80 for each 100,000.
  expect(cost_usd).toBeCloseTo(0.000_002_008, 9);
  expect(cost_in_workflows_usd).toBeCloseTo(0.000_016, 9);
  await visit(page, `/tasks/${DATA.undone}`);
  const row = (where: string) => page.getByRole('row', { name: where }).getByRole('cell');
  await expect(row('Errand')).toHaveText(['$0.000002', '$0.002']);
  await expect(row('Cloudflare Workflows')).toHaveText(['$0.000016', '$0.016']);

  await page.getByRole('link', { name: 'demo.undo', exact: true }).first().click();
  await untilLoaded(page);
  await expect(row('Errand').last()).toHaveText('$0.002');
  await expect(row('Cloudflare Workflows').last()).toHaveText('$0.016');
  await expect(page.getByRole('region', { name: 'Cost of the steps' })).toContainText('2 steps each');
  await expectGood(page, 'definition-with-steps');
});
