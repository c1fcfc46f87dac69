// Tests of the page of one task.
import { expect, test } from '@playwright/test';
import { apiPath, call, DATA, enqueue, expectNoOverflow, visit } from './support.ts';
import { HOSTILE } from './test-data.ts';

test('HTML in a task or mail is shown as text', async ({ page }) => {
  for (const path of [
    `/tasks/${DATA.failed}`,
    `/tasks/${DATA.later}`,
    `/mailbox/${DATA.mail}`,
    '/tasks?tag=%3Cscript%3E',
  ]) {
    await visit(page, path);
    await expect(page).not.toHaveTitle(/owned/);
  }
  await visit(page, `/tasks/${DATA.failed}`);
  await expect(page.getByText(`refused ${HOSTILE}`).first()).toBeVisible();
});

test('a failed task is retried, and its history stays', async ({ page }) => {
  const id = await enqueue('demo.fail', { message: 'not today', permanent: true });
  await visit(page, `/tasks/${id}`);
  await expect(page.locator('.state-large')).toHaveText('Failure');
  // The bundle keeps the names of functions.
  expect((await call<{ traceback: string }>('GET', `/tasks/${id}`)).traceback).toContain('at execute ');

  await page.getByRole('button', { name: 'Retry task' }).click();

  await expect(page.locator('.toast')).toContainText('The task runs again');
  await expect(page.getByText('Attempt 2 failed')).toBeVisible();
  await expect(page.getByText('Attempt 1 failed')).toBeVisible();
});

test('the timeline and the attempts of a retried task show each step', async ({ page }) => {
  await visit(page, `/tasks/${DATA.flaky}`);

  await expect(page.locator('.timeline li')).toHaveText([
    /Created/,
    /Attempt 1 started/,
    /Attempt 1 failed, retry follows/,
    /Attempt 2 started/,
    /Attempt 2 failed/,
    /Attempt 3 started/,
    /Attempt 3 succeeded/,
  ]);
  await page.locator('.attempt summary').last().click();
  await expect(page.locator('.attempt').last()).toContainText('failing on purpose: attempt 1');
});

test('log lines are shown with their fields', async ({ page }) => {
  await visit(page, `/tasks/${DATA.log}`);

  await expect(page.locator('.log-line')).toHaveCount(40);
  await expect(page.locator('.log-line').first()).toContainText('line 1{"line":1}');
});

test('a task runs again with edited input as a new task', async ({ page }) => {
  await visit(page, `/tasks/${DATA.flaky}`);
  await page.getByRole('button', { name: 'Run again with edited input' }).click();
  const input = page.getByRole('textbox', { name: 'Input (JSON)' });

  await input.fill('{ "failures": ');
  await page.getByRole('button', { name: 'Enqueue task' }).click();
  await expect(page.getByRole('dialog')).toContainText('This is not valid JSON');
  await input.fill('{ "failures": "many" }');
  await page.getByRole('button', { name: 'Enqueue task' }).click();
  await expect(page.getByRole('dialog')).toContainText('input.failures');
  await input.fill('{ "failures": 1970670598291982290 }');
  await page.getByRole('button', { name: 'Enqueue task' }).click();
  await expect(page.getByRole('dialog')).toContainText('does not keep 1970670598291982290 exactly');
  await input.fill('{ "failures": 0 }');
  await page.getByRole('button', { name: 'Enqueue task' }).click();

  await expect(page).not.toHaveURL(new RegExp(DATA.flaky));
  await expect(page.locator('.state-large')).toHaveText('Success');
  await expect(page.locator('.json-leaf', { hasText: 'attempts1' })).toBeVisible();
});

test('a waiting task is revoked after a confirmation', async ({ page }) => {
  const id = await enqueue('demo.echo', { value: 1 }, { countdown: 9000 });
  await visit(page, `/tasks/${id}`);

  await page.getByRole('button', { name: 'Revoke task' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click();
  await expect(page.locator('.state-large')).toHaveText('Pending');
  await page.getByRole('button', { name: 'Revoke task' }).click();
  await page.getByRole('dialog').getByRole('button', { name: 'Revoke task' }).click();

  await expect(page.locator('.state-large')).toHaveText('Revoked');
  expect((await call<{ status: string }>('GET', `/tasks/${id}`)).status).toBe('REVOKED');
});

test('a task of a paused queue says so, and its button resumes the queue', async ({ page }) => {
  await call('POST', '/queues/high/pause');
  const id = await enqueue('demo.echo', { value: 1 }, { queue: 'high' });
  await visit(page, `/tasks/${id}`);
  await expect(page.locator('.wait-card')).toContainText(/The queue high has been paused for \d/);
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await page.screenshot({ path: `test/e2e/out/${colorScheme}-task-paused.png` });
  }
  await page.setViewportSize({ width: 360, height: 780 });
  await expectNoOverflow(page);
  await page.screenshot({ path: 'test/e2e/out/narrow-task-paused.png' });

  await page.getByRole('button', { name: 'Resume queue high' }).click();

  await expect(page.locator('.toast')).toContainText('The queue high is resumed');
  await expect(page.locator('.state-large')).toHaveText('Success');
  await expect(page.locator('.wait-card')).toHaveCount(0);
});

/** For each reason: what the API says, the sentence, and where its link leads. */
const WAITS: Record<string, { wait: object; undoing?: object; sentence: string; link?: RegExp }> = {
  paused: {
    wait: { of: 'files', by: 'ops' },
    sentence: 'The queue files has been paused for 4 min by the API key ops.',
    link: /queues$/,
  },
  rate_limit: {
    wait: { of: 'demo.limited', ahead: 12 },
    sentence: 'The rate limit of demo.limited lets the task start in 2 min. About 12 tasks can start before it.',
    link: /definitions\/demo\.limited$/,
  },
  concurrency: {
    wait: { of: 'demo.echo:<b>tenant</b>', ahead: 1000 },
    sentence:
      'As many tasks with the concurrency key demo.echo:<b>tenant</b> are running as the definition’s limit allows. 1,000 tasks or more are ahead of it.',
    link: /definitions\/demo\.echo$/,
  },
  circuit: {
    wait: { of: 'api.example.com' },
    sentence: 'of api.example.com was open: its calls failed several times in a row. The task tries again in 2 min.',
    link: /limits\.md#circuit-breakers$/,
  },
  eta: { wait: {}, sentence: 'The task is due in 2 min, as its caller asked.' },
  retry: {
    wait: { of: 'timeout' },
    sentence: 'The last attempt did not succeed (timeout). The next attempt starts in 2 min.',
  },
  sleep: { wait: { of: 'a day' }, sentence: 'The step a day sleeps. The task goes on in 2 min.' },
  event: {
    wait: { of: 'order.paid 17' },
    sentence: 'The task waits for the event order.paid 17. The wait times out in 2 min.',
    link: /playground$/,
  },
  approval: {
    wait: { of: 'ship' },
    sentence: 'The task waits for the decision of a person about ship. The wait times out in 2 min.',
    link: /approvals$/,
  },
  step: { wait: { of: 'charge' }, sentence: 'The step charge failed and is tried again in 2 min.' },
  'step of an undo': {
    wait: { reason: 'step', of: 'charge' },
    undoing: { status: 'FAILURE', error: { code: 'failed', type: 'Error', message: 'no' } },
    sentence: 'The undo of the step charge failed and is tried again in 2 min.',
  },
  parents: {
    wait: { of: DATA.failed, ahead: 3 },
    sentence: 'The task waits for 3 parent tasks to end. The first is task',
    link: new RegExp(`${DATA.failed}$`),
  },
  queue: {
    wait: { of: 'default', ahead: 0 },
    sentence: 'The task waits in the queue default. No task is ahead of it.',
    link: /tasks\?queue=default$/,
  },
  unknown_task: {
    wait: { of: 'old.task' },
    sentence: 'The definitions of this deployment do not include old.task. Deploy a version that has it.',
    link: /definitions$/,
  },
};

test('each reason to wait is a sentence with a link to what the task waits for', async ({ page }) => {
  const at = new Date('2026-11-24T12:00:00Z');
  await page.clock.setFixedTime(at);
  const since = new Date(at.getTime() - 240_000).toISOString();
  const next = new Date(at.getTime() + 120_000).toISOString();
  let shown: object = {};
  const task = await call<object>('GET', `/tasks/${DATA.later}`);
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.later}$`)), (route) =>
    route.fulfill({ json: { ...task, ...shown } }),
  );
  const card = page.locator('.wait-card', { hasText: 'Why it waits' });
  for (const [reason, { wait, undoing = null, sentence, link }] of Object.entries(WAITS)) {
    const next_at = reason === 'paused' ? null : next;
    shown = { undoing, waiting: { reason, of: null, by: null, since, next_at, ahead: null, ...wait } };
    if (page.url() === 'about:blank') await visit(page, `/tasks/${DATA.later}`);
    else await page.keyboard.press('r');
    await expect(card).toContainText(sentence);
    if (link) await expect(card.getByRole('link').first()).toHaveAttribute('href', link);
  }
});

test('a snoozed attempt shows its reason and is not counted beside the attempts that may be', async ({ page }) => {
  const attempt = { outcome: 'RETRY', started_at: '2026-11-24T11:00:00Z', finished_at: '2026-11-24T11:00:01Z' };
  const error = { code: 'error', type: 'Error', message: 'down' };
  const reason = { code: 'circuit', of: 'api.example.com', message: 'the circuit of api.example.com is open' };
  const items = [
    { ...attempt, number: 1, error, reason: null, logs: [] },
    { ...attempt, number: 2, outcome: 'SNOOZED', error: null, reason, logs: [] },
    { ...attempt, number: 3, outcome: 'CRASHED', error, reason: null, logs: [] },
  ];
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.later}/attempts$`)), (route) =>
    route.fulfill({ json: { items, cost_usd: 0 } }),
  );
  const task = await call<object>('GET', `/tasks/${DATA.later}`);
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.later}$`)), (route) =>
    route.fulfill({ json: { ...task, attempts: 2, crashes: 1, max_retries: 3 } }),
  );
  await visit(page, `/tasks/${DATA.later}`);

  await expect(page.locator('.facts')).toContainText('1 of 4 and 2 not counted');
  await page.locator('.attempt summary').nth(1).click();
  await expect(page.locator('.attempt').nth(1)).toContainText('the circuit of api.example.com is open');
});

test('a result of 1 MB is shown in parts; a larger one is loaded by a click', async ({ page }) => {
  await visit(page, `/tasks/${DATA.big}`);
  await expect(page.getByRole('button', { name: 'Show 20.0 kB of 999.4 kB more' })).toBeVisible();
  expect(await page.evaluate(() => document.body.textContent?.length)).toBeLessThan(20_000);
  await page.getByRole('button', { name: 'Show 20.0 kB of 999.4 kB more' }).click();
  await expect(page.getByRole('button', { name: 'Show 20.0 kB of 979.4 kB more' })).toBeVisible();

  await visit(page, `/tasks/${DATA.huge}`);
  await page.getByRole('button', { name: 'Load result' }).click();
  await expect(page.getByText('2.0 MB of JSON')).toBeVisible();
});

test('an error of 10,000 lines is cut', async ({ page }) => {
  const message = Array.from({ length: 10_000 }, (_, line) => `line ${line}: ${HOSTILE}`).join('\n');
  const task = await call<object>('GET', `/tasks/${DATA.failed}`);
  await page.route(apiPath(new RegExp(`^/tasks/${DATA.failed}$`)), (route) =>
    route.fulfill({ json: { ...task, error: { code: 'error', type: 'RangeError', message } } }),
  );
  await visit(page, `/tasks/${DATA.failed}`);

  await expect(page.getByText('Show 500 of 9,988 more lines')).toBeVisible();
  expect(await page.evaluate(() => document.body.scrollHeight)).toBeLessThan(4000);
  await page.getByRole('button', { name: 'Show 500 of 9,988 more lines' }).click();
  await expect(page.getByText('line 511:')).toBeVisible();
});

test('the page of an unknown id says that there is no such task', async ({ page }) => {
  await visit(page, `/tasks/${crypto.randomUUID()}`);

  await expect(page.getByRole('alert')).toContainText('There is no such task');
});

test.describe('in another time zone', () => {
  test.use({ timezoneId: 'Asia/Kathmandu', locale: 'ne-NP' });

  test('a time has the reader’s time zone and UTC', async ({ page }) => {
    await visit(page, `/tasks/${DATA.failed}`);
    const { created_at } = await call<{ created_at: string }>('GET', `/tasks/${DATA.failed}`);
    const title = (await page.locator('.timeline time').first().getAttribute('title')) ?? '';

    expect(title).toContain('GMT+5:45');
    expect(title).toContain(`${created_at.slice(11, 23)} UTC`);
  });
});
