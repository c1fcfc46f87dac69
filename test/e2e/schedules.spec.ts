// Tests of the page of schedules: the form that creates them, what a card says, and its actions.
import { expect, type Page, test } from '@playwright/test';
import { call, expectAccessible, expectNoOverflow, visit } from './support.ts';

test('more than fifty schedules have pages', async ({ page }) => {
  const names = Array.from({ length: 51 }, (_, n) => `paged-${String(n).padStart(2, '0')}`);
  const task = { task: 'demo.echo', input: { value: 1 }, every: 86_400 };
  await Promise.all(names.map((name) => call('POST', '/schedules', { name, ...task })));
  await visit(page, '/schedules');
  await expect(page.locator('.schedules > section')).toHaveCount(50);
  await page.getByRole('button', { name: 'Next', exact: true }).click();
  await expect(page.getByRole('region', { name: 'paged-50' })).toBeVisible();
  await page.getByRole('button', { name: 'First' }).click();
  await expect(page.getByRole('region', { name: 'paged-00' })).toBeVisible();
  await Promise.all(names.map((name) => call('DELETE', `/schedules/${name}`)));
});

test('the missed times of a schedule are counted and fired once', async ({ page }) => {
  const workflow = { dag: { one: { name: 'demo.echo', input: { value: 1 } } } };
  await call('POST', '/schedules', { name: 'backfilled', cron: '0 * * * *', workflow });
  await visit(page, '/schedules');
  const card = page.getByRole('region', { name: 'backfilled' });
  await expect(card.getByRole('link', { name: 'graph of 1 node' })).toBeVisible();

  await card.getByRole('button', { name: 'Backfill backfilled' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Fire 24 missed times' }).click();
  await expect(page.locator('.toast')).toContainText('A backfill of the schedule backfilled has started');
  const started = async () =>
    (await call<{ items: unknown[] }>('GET', '/workflows?name=backfilled&limit=100')).items.length;
  await expect.poll(started, { timeout: 20_000 }).toBe(24);

  await card.getByRole('button', { name: 'Backfill backfilled' }).click();
  await expect(page.getByRole('dialog')).toContainText('0 missed, 24 already fired');
  await expect(page.getByRole('dialog').getByRole('button', { name: 'Fire 0 missed times' })).toBeDisabled();
  await page.screenshot({ path: 'test/e2e/out/light-backfill.png' });
  await call('DELETE', '/schedules/backfilled');
});

test('a schedule is created, shows its next runs, is run, paused and deleted', async ({ page }) => {
  await visit(page, '/schedules');
  await page.getByRole('button', { name: 'New schedule' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill('mine');
  await page.getByRole('combobox', { name: 'Definition' }).selectOption('demo.add');
  await page.getByLabel('Time zone').fill('Mars/Olympus');
  await page.getByRole('button', { name: 'Create schedule' }).click();
  await expect(page.getByLabel('Time zone')).toHaveAccessibleDescription(/"Mars\/Olympus" is not a time zone/);
  await expect(page.getByLabel('Time zone')).toBeFocused();
  await page.getByLabel('Time zone').fill('Europe/Berlin');
  await expect(page.getByRole('dialog')).toContainText('At 09:00, only on Monday, in Europe/Berlin');
  await page.getByRole('button', { name: 'Create schedule' }).click();
  await expect(page.locator('.toast')).toContainText('The schedule mine is created');

  const card = page.getByRole('region', { name: 'mine' });
  await expect(card).toContainText('Starts the task demo.add');
  await expect(card).toContainText('At 09:00, only on Monday · Europe/Berlin');
  await expect(card).toContainText('0 9 * * MON');
  await card.getByRole('button', { name: 'Next 10 runs' }).click();
  await expect(card.locator('.next-runs li')).toHaveCount(10);
  await expect(card.locator('.next-runs li').first()).toContainText(/Mon.*09:00/);
  await card.getByRole('button', { name: 'Run now' }).click();
  await expect(page.locator('.toast').getByRole('link', { name: 'Show the task' })).toHaveAttribute(
    'href',
    /\/tasks\/0/,
  );
  await card.getByRole('button', { name: 'Pause' }).click();
  await expect(card.locator('.tag-warn')).toHaveText('paused');
  expect(await call('GET', '/schedules/mine')).toMatchObject({ paused: true, input: { a: 1, b: 1 } });

  await card.getByRole('button', { name: 'Delete' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Delete schedule' }).click();
  await expect(card).toHaveCount(0);
  await expect(
    page.getByRole('region', { name: 'send-digest-weekly' }).getByRole('button', { name: 'Delete' }),
  ).toHaveCount(0);
});

async function openForm(page: Page, name: string): Promise<void> {
  await visit(page, '/schedules');
  await page.getByRole('button', { name: 'New schedule' }).click();
  await page.getByRole('textbox', { name: 'Name' }).fill(name);
  await page.getByRole('button', { name: 'Starts a workflow' }).click();
}

for (const [example, starts] of Object.entries({
  Chain: 'chain of 3 parts: data.validate → data.process → data.save',
  Group: 'group of 2 parts: data.validate, data.validate',
  Chord: 'chord of 2 parts and a body: data.validate, data.validate → canvas.gather',
  Graph: 'graph of 4 nodes: north, south → both, repair',
}))
  test(`a schedule of the example ${example} is created and starts a workflow that succeeds`, async ({ page }) => {
    const name = `example-${example.toLowerCase()}`;
    await openForm(page, name);
    await page.getByRole('button', { name: example }).click();
    await expect(page.getByRole('dialog').getByRole('status')).toHaveText(`A ${starts}`);
    await page.getByRole('button', { name: 'Create schedule' }).click();

    const card = page.getByRole('region', { name });
    await expect(card).toContainText(`Starts a ${starts}`);
    await card.getByRole('button', { name: 'Workflow' }).click();
    await expect(card.locator('.json')).toContainText(example === 'Graph' ? 'dag' : example.toLowerCase());
    await card.getByRole('button', { name: 'Run now' }).click();
    await expect(page.locator('.toast', { hasText: `A workflow of the schedule ${name} is enqueued` })).toBeVisible();
    const states = async () =>
      (await call<{ items: { status: string }[] }>('GET', `/workflows?name=${name}`)).items.map(({ status }) => status);
    await expect.poll(states, { timeout: 20_000 }).toEqual(['SUCCESS']);
    await call('DELETE', `/schedules/${name}`);
  });

test('a refusal of a workflow stands beside its field, with the path', async ({ page }) => {
  await openForm(page, 'clean-up');
  const workflow = page.getByLabel('Workflow (JSON)');
  const create = page.getByRole('button', { name: 'Create schedule' });
  for (const [text, fault] of [
    ['{ "dag": ', /This is not valid JSON/],
    ['[]', /expected record/],
    [
      '{ "dag": { "a": { "name": "demo.echo" }, "b": { "name": "demo.echo", "after": ["c"] } } }',
      /workflow\.dag\.b\.after\.0 No node of this graph is named "c"/,
    ],
    ['{ "chain": [{ "name": "demo.add", "input": { "a": "x", "b": 1 } }] }', /workflow\.chain\.0\.input\.a/],
  ] as const) {
    await workflow.fill(text);
    await create.click();
    await expect(workflow).toHaveAccessibleDescription(fault);
    await expect(workflow).toBeFocused();
  }
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await expectAccessible(page);
    await page.screenshot({ path: `test/e2e/out/${colorScheme}-schedule-fault.png` });
  }
  await page.setViewportSize({ width: 390, height: 780 });
  await expectNoOverflow(page);
  await page.screenshot({ path: 'test/e2e/out/narrow-schedule-fault.png' });

  await workflow.fill('{ "chain": [{ "name": "demo.echo", "input": { "value": 1 } }] }');
  await create.click();
  await expect(page.getByRole('textbox', { name: 'Name' })).toHaveAccessibleDescription(/clean-up.*already/);
  await expect(workflow).toHaveAccessibleDescription('');
});
