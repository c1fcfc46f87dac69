// Tests of the overview, mailbox, definitions, playground, queues and files.
import { expect, test } from '@playwright/test';
import { makePhoto } from '../../scripts/photo.ts';
import { apiPath, call, DATA, enqueue, OPEN, untilLoaded, visit } from './support.ts';

test('a mail is shown in a frame without any permission', async ({ page }) => {
  await visit(page, '/mailbox');
  await page.getByRole('link', { name: 'Order 17' }).click();

  const frame = page.locator('iframe');
  await expect(frame).toHaveAttribute('sandbox', '');
  await expect(page.frameLocator('iframe').getByRole('heading', { name: 'Hello Ada' })).toBeVisible();
  await page.frameLocator('iframe').getByRole('link', { name: 'out' }).click();
  await expect(page).toHaveURL(new RegExp(`/mailbox/${DATA.mail}$`));
  await expect(page).not.toHaveTitle(/owned/);
});

test('a mail shows its other recipients and its attachments', async ({ page }) => {
  const form = new FormData();
  form.append('file', new Blob(['name,year\nAda,1843\n']), 'engines.csv');
  const { file } = (await (await fetch(`${OPEN}/upload/document`, { method: 'POST', body: form })).json()) as {
    file: string;
  };
  const subject = `Copies ${crypto.randomUUID().slice(0, 8)}`;
  const text = 'Attached.';
  const copies = { cc: ['grace@example.com', 'mary@example.com'], bcc: 'quiet@example.com' };
  await enqueue('email.send', {
    ...{ to: 'ada@example.com', reply_to: 'office@example.com', subject, text },
    ...{ ...copies, attachments: [{ file, filename: 'engines.csv' }] },
  });
  await visit(page, '/mailbox');
  await page.getByRole('link', { name: subject }).click();

  const mail = page.getByRole('article', { name: subject });
  for (const [term, value] of [
    ['Cc', 'grace@example.com, mary@example.com'],
    ['Bcc', 'quiet@example.com'],
    ['Reply to', 'office@example.com'],
    ['Attachments', 'engines.csv text/csv, 19 B'],
  ] as const)
    await expect(mail.locator(`dt:text-is("${term}") + dd`)).toHaveText(value);
});

test('a task is enqueued from a form with an example input of its schema', async ({ page }) => {
  await visit(page, '/definitions');
  await page.getByRole('link', { name: 'demo.add' }).click();
  await expect(page.getByText('Input schema').first()).toBeVisible();

  await page.getByRole('button', { name: 'Enqueue task' }).click();
  await expect(page.getByRole('textbox', { name: 'Input (JSON)' })).toHaveValue(/"a": 1/);
  await page.getByRole('dialog').getByRole('button', { name: 'Enqueue task' }).click();

  await expect(page.locator('.state-large')).toHaveText('Success');
  await expect(page.locator('.json-leaf', { hasText: 'sum2' })).toBeVisible();
});

test.describe('the playground', () => {
  const trial = (name: string) => `section[aria-label="${name}"]`;

  test('registers a user', async ({ page }) => {
    await visit(page, '/playground');
    const card = page.locator(trial('Register a user'));
    await card.getByRole('button', { name: 'Register user' }).click();
    await expect(card.locator('.state')).toHaveText('Success');
    await card.getByRole('button', { name: 'Register user' }).click();
    await expect(card.getByRole('alert')).toContainText('registered already');
  });

  test('makes a thumbnail of a photo, and shows why it refuses a text', async ({ page }) => {
    await visit(page, '/playground');
    const card = page.locator(trial('A photo becomes a thumbnail'));
    const buffer = Buffer.from(await makePhoto({ width: 900, height: 600 }));
    await card.locator('input[type=file]').setInputFiles({ name: 'photo.jpg', mimeType: 'image/jpeg', buffer });
    await card.getByRole('button', { name: 'Upload photo' }).click();
    await expect(card.locator('img.thumbnail')).toBeVisible();
    await expect
      .poll(() => card.locator('img.thumbnail').evaluate((image: HTMLImageElement) => image.naturalWidth))
      .toBe(500);

    const text = { name: 'notes.jpg', mimeType: 'image/jpeg', buffer: Buffer.from('not a picture at all') };
    await card.locator('input[type=file]').setInputFiles(text);
    await card.getByRole('button', { name: 'Upload photo' }).click();
    await expect(card.getByRole('alert')).toContainText('media type is not supported');
  });

  test('runs a chain, a failing task and 1,000 tasks at once', async ({ page }) => {
    await visit(page, '/playground');
    for (const [name, action] of [
      ['A chain of three tasks', 'Start chain'],
      ['A task that fails at first', 'Start task'],
    ] as const) {
      const card = page.locator(trial(name));
      await card.getByRole('button', { name: action }).click();
      await expect(card.locator('.state')).toHaveText('Success');
    }
    const bulk = page.locator(trial('1,000 tasks at once'));
    await bulk.getByRole('button', { name: 'Enqueue 1,000 tasks' }).click();
    await expect(bulk.getByText('1,000 / 1,000')).toBeVisible({ timeout: 20_000 });
    await page.screenshot({ path: 'test/e2e/out/light-playground-full.png', fullPage: true });
  });
});

test('a queue is paused and resumed', async ({ page }) => {
  await visit(page, '/queues');

  await page.getByRole('button', { name: 'Pause low' }).click();
  await expect(page.locator('.toast')).toContainText('The queue low is paused');
  const id = await enqueue('demo.echo', { value: 'held' }, { queue: 'low' });
  const row = page.getByRole('row', { name: 'low' });
  await expect(row).toContainText('paused');
  await expect(row.locator('.number').first()).toHaveText('1');
  expect(await call('GET', `/tasks/${id}`)).toMatchObject({ status: 'PENDING', attempts: 0 });

  await page.getByRole('button', { name: 'Resume low' }).click();
  await expect(row).not.toContainText('paused');
  await expect.poll(() => call('GET', `/tasks/${id}`)).toMatchObject({ status: 'SUCCESS' });
});

test('the overview counts ended tasks, draws its charts for each time span, and groups failures', async ({ page }) => {
  await visit(page);

  await expect(page.locator('.chart canvas')).toHaveCount(2);
  const { series } = await call<{ series: { succeeded: number }[] }>('GET', '/stats');
  expect(series.reduce((sum, { succeeded }) => sum + succeeded, 0)).toBeGreaterThanOrEqual(120);
  await expect(page.getByRole('row', { name: 'demo.add' })).toContainText(/1[2-9]\d/);
  await expect(page.locator('.failures li', { hasText: 'demo.fail' }).first()).toContainText('refused <script>');
  await page.getByRole('button', { name: '24 h' }).click();
  await expect(page).toHaveURL(/span=24h/);
  await expect(page.locator('.chart canvas')).toHaveCount(2);
});

test('a value without neighbours is drawn as a point', async ({ page }) => {
  const stats = await call<{ series: object[] }>('GET', '/stats');
  const runtimes = (p50: number | null, p95: number | null, p99: number | null) => ({
    ...{ runtime_p50_ms: p50, runtime_p95_ms: p95, runtime_p99_ms: p99 },
  });
  const series = stats.series.map((point, index) => ({
    ...point,
    ...(index === 30 ? runtimes(20, 60, 90) : runtimes(null, null, null)),
  }));
  await page.route(apiPath(/^\/stats$/), (route) => route.fulfill({ json: { ...stats, series } }));
  await visit(page);
  await page.screenshot({ path: 'test/e2e/out/light-overview-sparse.png' });

  const drawn = await page
    .locator('.chart canvas')
    .last()
    .evaluate((canvas: HTMLCanvasElement) => {
      const { data } = (canvas.getContext('2d') as CanvasRenderingContext2D).getImageData(
        0,
        0,
        canvas.width,
        canvas.height,
      );
      // The grid and the labels are grey.
      let coloured = 0;
      for (let at = 0; at < data.length; at += 4) {
        const [red = 0, green = 0, blue = 0, alpha = 0] = data.subarray(at, at + 4);
        if (alpha > 200 && Math.max(red, green, blue) - Math.min(red, green, blue) > 60) coloured++;
      }
      return coloured;
    });
  expect(drawn).toBeGreaterThan(30);
});

test('an overview that cannot refresh shows the error above its old data', async ({ page }) => {
  await visit(page);
  await page.route(apiPath(/^\/stats$/), (route) => route.fulfill({ status: 500, json: { title: 'It broke' } }));
  await page.getByRole('button', { name: 'Refresh now' }).click();

  await expect(page.getByRole('alert')).toContainText('It broke');
  await expect(page.locator('.chart canvas')).toHaveCount(2);
});

test('uploads are listed by their names, outputs as pictures', async ({ page }) => {
  await visit(page, '/files');
  await expect(page.getByText('<img src=x onerror=alert(1)>.csv')).toBeVisible();

  await expect(page.getByText('oldest first')).toBeVisible();
  const files = await call<object>('GET', '/files');
  const listed = apiPath(/^\/files$/);
  await page.route(listed, (route) => route.fulfill({ json: { ...files, next_cursor: 'uploads/2' } }));
  await page.getByRole('button', { name: 'Refresh now' }).click();
  for (const name of ['First', 'Back', 'Next'])
    await expect(page.getByRole('button', { name, exact: true })).toBeVisible();
  await page.unroute(listed);

  await page.getByRole('button', { name: 'Outputs' }).click();
  await expect(page).toHaveURL(/prefix=outputs/);
  await expect
    .poll(() =>
      page
        .locator('.files img')
        .first()
        .evaluate((image: HTMLImageElement) => image.naturalWidth),
    )
    .toBeGreaterThan(0);
});

test('pages have keyboard shortcuts', async ({ page }) => {
  await visit(page);
  const shortcuts = { t: 'Tasks', w: 'Workflows', q: 'Queues', s: 'Schedules', d: 'Definitions', o: 'Overview' };

  for (const [letter, title] of Object.entries(shortcuts)) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await expect(page.getByRole('heading', { name: title, level: 1 })).toBeVisible();
  }
  await page.keyboard.press('?');
  await expect(page.getByRole('dialog', { name: 'Keyboard shortcuts' })).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test.describe('narrow', () => {
  test.use({ viewport: { width: 360, height: 740 } });

  test('the menu opens, leads to a page, and closes', async ({ page }) => {
    await visit(page, '/tasks');
    await expect(page.getByRole('link', { name: 'Workflows' })).toBeHidden();

    await page.getByRole('button', { name: 'Menu' }).click();
    await page.screenshot({ path: 'test/e2e/out/narrow-menu.png' });
    await page.getByRole('link', { name: 'Workflows' }).click();
    await untilLoaded(page);

    await expect(page.getByRole('heading', { name: 'Workflows', level: 1 })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Definitions' })).toBeHidden();
  });
});
