// Workflows: the graph, and what is done with one.
import { expect, test } from '@playwright/test';
import { call, SEED, visit } from './support.ts';

test('the graph draws many members as one, with what became of them', async ({ page }) => {
  await visit(page, `/workflows/${SEED.failedWorkflow}`);

  await expect(page.locator('.node')).toHaveCount(4);
  await expect(page.getByRole('button', { name: 'demo.echo: 40 success. List them' })).toBeVisible();
  await expect(page.getByRole('link', { name: 'demo.flaky: 1 failure' })).toBeVisible();
  await page.getByRole('button', { name: 'demo.echo: 40 success' }).click();
  await expect(page.getByRole('combobox', { name: 'Name' })).toHaveValue('demo.echo');

  await page.getByRole('link', { name: 'demo.flaky: 1 failure' }).click();
  await expect(page.getByRole('heading', { name: 'demo.flaky' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'In its workflow' })).toBeVisible();
  await expect(page.getByRole('heading', { name: 'After it' })).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry' })).toHaveCount(0);
});

test('what failed in one is retried', async ({ page }) => {
  const failing = { chain: [{ task: 'demo.fail', input: { message: 'no', permanent: true } }, { task: 'demo.echo' }] };
  const { workflow_id: id } = await call<{ workflow_id: string }>('POST', '/workflows', failing);
  await visit(page, `/workflows/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Failure');

  const attempts = async () => {
    const { tasks } = await call<{ tasks: { task_id: string }[] }>('GET', `/workflows/${id}`);
    return (await call<{ items: unknown[] }>('GET', `/tasks/${tasks[0]?.task_id}/attempts`)).items.length;
  };
  expect(await attempts()).toBe(1);

  await page.getByRole('button', { name: 'Retry what failed' }).click();

  await expect(page.locator('.toast')).toContainText('runs again');
  await expect.poll(attempts).toBe(2);
  await expect(page.locator('.state-large')).toHaveText('Failure');
});

test('one that failed is followed, and can be revoked, until its other tasks have ended', async ({ page }) => {
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
  await expect(page.getByRole('button', { name: 'Retry what failed' })).toHaveCount(0);

  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke' }).click();

  await expect(page.getByText('3 of 3 tasks ended')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Retry what failed' })).toBeVisible();
});

test('one that waits is revoked', async ({ page }) => {
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

test('a finished one shows its result', async ({ page }) => {
  await visit(page, `/workflows/${SEED.workflow}`);

  await expect(page.getByText('of 43 tasks ended')).toBeVisible();
  await expect(page.getByText('“merged”')).toBeVisible();
});

test('what failed in one that succeeded without it is retried', async ({ page }) => {
  const fail = { task: 'demo.fail', input: { message: 'no', permanent: true } };
  const chord = { header: [fail], body: { task: 'canvas.gather' }, on_child_failure: 'continue' };
  const { workflow_id: id } = await call<{ workflow_id: string }>('POST', '/workflows', { chord });
  await visit(page, `/workflows/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Success');

  await page.getByRole('button', { name: 'Retry what failed' }).click();

  await expect(page.getByText('What failed runs again')).toBeVisible();
});
