// Tests of the deployed version: on the attempts of a task, and as a filter of the list.
import { expect, test } from '@playwright/test';
import { call, DATA, enqueue, untilLoaded, visit } from './support.ts';

const ROWS = 'table.table tbody tr';

test('each attempt names its version, which leads to the tasks of that version', async ({ page }) => {
  const { version } = await call<{ version: { id: string } }>('GET', `/tasks/${DATA.flaky}`);
  const short = version.id.slice(0, 8);
  await visit(page, `/tasks/${DATA.flaky}`);
  await expect(page.locator('.timeline-version')).toHaveText(Array.from({ length: 3 }, () => `version ${short}`));
  await page.locator('.timeline-version').first().getByRole('link').click();
  await untilLoaded(page);
  await expect(page).toHaveURL(new RegExp(`/tasks\\?version=${version.id}$`));
  await expect(page.getByRole('textbox', { name: 'Version' })).toHaveValue(version.id);
  await expect(page.locator(ROWS).first()).toBeVisible();
});

test('the search finds tasks by their version', async ({ page }) => {
  const tag = `versions-${crypto.randomUUID().slice(0, 8)}`;
  const id = await enqueue('demo.echo', { value: 1 }, { tags: [tag] });
  const look = () => call<{ status: string; version: { id: string } | null }>('GET', `/tasks/${id}`);
  await expect.poll(look).toMatchObject({ status: 'SUCCESS' });
  const found = await look();
  await visit(page, '/tasks');
  const search = page.getByRole('searchbox', { name: /^Search/ });
  await search.fill(`tag:${tag} version:${found.version?.id}`);
  await search.press('Enter');
  await expect(page).toHaveURL(/version=/);
  await untilLoaded(page);
  await expect(page.locator(ROWS)).toHaveCount(1);

  await search.fill(`tag:${tag} version:9.9.9`);
  await search.press('Enter');
  await expect(page.getByRole('heading', { name: 'No tasks match the filters' })).toBeVisible();
  await untilLoaded(page);
});
