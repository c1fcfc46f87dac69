// Tests of the pages of workflows.
import { expect, test } from '@playwright/test';
import { call, DATA, visit } from './support.ts';

test('the graph draws many tasks as one node with the number of each state', async ({ page }) => {
  await visit(page, `/workflows/${DATA.failedWorkflow}`);

  await expect(page.locator('.node')).toHaveCount(4);
  await expect(page.getByRole('button', { name: 'demo.echo: 40 success. Show them in the list' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'demo.flaky: 1 failure' })).toBeVisible();
  await page.getByRole('button', { name: 'demo.echo: 40 success' }).click();
  await expect(page.getByRole('combobox', { name: 'Name' })).toHaveValue('demo.echo');

  await page.getByRole('link', { name: 'demo.flaky: 1 failure' }).click();
  await expect(page.getByRole('heading', { name: 'demo.flaky' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Place in the workflow' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'Children' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
});

test('a graph shows its nodes by name, says which were not needed, and fits a narrow page', async ({ page }) => {
  await visit(page, `/workflows/${DATA.graph}`);

  await expect(page.getByRole('heading', { name: 'nightly import' })).toBeVisible();
  await expect(page.locator('.node')).toHaveCount(10);
  await expect(page.getByRole('link', { name: 'load (demo.flaky): 1 failure' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'repair (demo.echo): 1 not needed' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'undo (demo.echo): 1 success' })).toBeVisible();
  const graph = page.getByRole('region', { name: 'Graph of the workflow' });
  const overflow = () => graph.evaluate((element) => element.scrollWidth - element.clientWidth);
  expect(await overflow()).toBe(0);
  await page.setViewportSize({ width: 1000, height: 800 });
  expect(await overflow()).toBe(0);

  await page.getByRole('link', { name: 'north' }).click();
  await expect(page.getByRole('textbox', { name: 'Tag' })).toHaveValue('north');
  await expect(page.getByRole('link', { name: 'nightly import' })).toBeVisible();
});

test('workflows are filtered by name and tag', async ({ page }) => {
  await visit(page, '/workflows');
  const rows = page.getByRole('region', { name: 'Workflows' }).locator('tbody tr');
  await expect.poll(() => rows.count()).toBeGreaterThan(1);

  await page.getByRole('textbox', { name: 'Name' }).fill('nightly import');
  await page.getByRole('textbox', { name: 'Name' }).press('Enter');
  await expect(rows).toHaveCount(1);
  await page.getByRole('textbox', { name: 'Tag' }).fill('south');
  await page.getByRole('textbox', { name: 'Tag' }).press('Enter');
  await expect(page.getByText('No workflow matches')).toBeVisible();
});

test('the failed tasks of a workflow are retried', async ({ page }) => {
  const failing = { chain: [{ task: 'demo.fail', input: { message: 'no', permanent: true } }, { task: 'demo.echo' }] };
  const { workflow_id: id } = await call<{ workflow_id: string }>('POST', '/workflows', failing);
  await visit(page, `/workflows/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Failure');

  const attempts = async () => {
    const { tasks } = await call<{ tasks: { task_id: string }[] }>('GET', `/workflows/${id}`);
    return (await call<{ items: unknown[] }>('GET', `/tasks/${tasks[0]?.task_id}/attempts`)).items.length;
  };
  expect(await attempts()).toBe(1);

  await page.getByRole('button', { name: 'Retry 2 failed tasks' }).click();

  await expect(page.locator('.toast')).toContainText('Failed and revoked tasks run again');
  await expect.poll(attempts).toBe(2);
  await expect(page.locator('.state-large')).toHaveText('Failure');
});

test('a failed workflow refreshes and can be revoked until all its tasks have ended', async ({ page }) => {
  const failing = {
    chord: {
      header: [
        { task: 'demo.fail', input: { message: 'no', permanent: true } },
        { task: 'demo.echo', input: { value: 1 }, options: { countdown: 9000 } },
      ],
      body: { task: 'demo.echo' },
    },
  };
  const { workflow_id: id } = await call<{ workflow_id: string }>('POST', '/workflows', failing);
  await visit(page, `/workflows/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Failure');
  await expect(page.getByText('2 of 3 tasks ended')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry 2 failed tasks' })).toHaveCount(0);

  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();

  await expect(page.getByText('3 of 3 tasks ended')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry 2 failed tasks' })).toBeVisible();
});

test('a waiting workflow is revoked', async ({ page }) => {
  const waiting = {
    chain: [{ task: 'demo.add', input: { a: 1, b: 1 }, options: { countdown: 9000 } }, { task: 'demo.echo' }],
  };
  const { workflow_id: id } = await call<{ workflow_id: string }>('POST', '/workflows', waiting);
  await visit(page, '/workflows');
  await page.locator(`a[href$="${id}"]`).click();

  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();

  await expect(page.locator('.state-large')).toHaveText('Revoked');
});

test('a succeeded workflow shows its result', async ({ page }) => {
  await visit(page, `/workflows/${DATA.workflow}`);

  await expect(page.getByText('of 43 tasks ended')).toBeVisible();
  await expect(page.getByText('“merged”')).toBeVisible();
});

test('a workflow that succeeded without a failed task can retry that task', async ({ page }) => {
  const fail = { task: 'demo.fail', input: { message: 'no', permanent: true } };
  const chord = { header: [fail], body: { task: 'canvas.gather' }, on_child_failure: 'continue' };
  const { workflow_id: id } = await call<{ workflow_id: string }>('POST', '/workflows', { chord });
  await visit(page, `/workflows/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Success');

  await page.getByRole('button', { name: 'Retry 1 failed task' }).click();

  await expect(page.getByText('Failed and revoked tasks run again')).toBeVisible();
});

test('many nodes alike are one box with their names, and a wide graph can be fitted to its width', async ({ page }) => {
  const node = (after: string[]) => ({ name: 'demo.echo', input: { value: 1 }, immutable: true, after });
  const layers = Array.from({ length: 12 }, (_, layer) =>
    Array.from({ length: 8 }, (_, index) => [
      `n${layer}_${index}`,
      node(layer === 0 ? [] : [`n${layer - 1}_${index}`, `n${layer - 1}_${(index + 1) % 8}`]),
    ]),
  );
  const dag = Object.fromEntries(layers.flat());
  const { workflow_id: id } = await call<{ workflow_id: string }>('POST', '/workflows', { dag });
  await expect.poll(() => call('GET', `/workflows/${id}`), { timeout: 20_000 }).toMatchObject({ status: 'SUCCESS' });
  await visit(page, `/workflows/${id}`);
  await expect(page.getByRole('button', { name: /^n0_0 and 7 more \(demo\.echo\): 8 success/ })).toBeVisible();

  const graph = page.getByRole('region', { name: 'Graph of the workflow' });
  const overhang = () => graph.evaluate((area) => area.scrollWidth - area.clientWidth);
  expect(await overhang()).toBeGreaterThan(0);
  await page.getByRole('button', { name: 'Fit to width' }).click();
  await expect.poll(overhang).toBe(0);
  await page.screenshot({ path: 'test/e2e/out/light-graph-fitted.png' });
  await page.getByRole('button', { name: 'Readable size' }).click();
  await expect.poll(overhang).toBeGreaterThan(0);
});
