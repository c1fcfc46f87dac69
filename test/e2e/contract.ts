// Replies of routes that a Worker may not have, in the form that src/dashboard/contract.ts describes: what the pages make
// of them is tested, whatever answers.
import type { Page } from '@playwright/test';
import type { Queue, Schedule, Stats, StoredFile } from '../../src/dashboard/contract.ts';

const HOUR_MS = 3_600_000;
const POINTS = 60;

/** An hour of numbers that look like traffic, the same each time. */
export function someStats(until: number): Stats {
  const series = Array.from({ length: POINTS }, (_, index) => {
    const wave = Math.sin(index / 7) + Math.sin(index / 2.3) / 2;
    const busy = Math.round(220 + 90 * wave);
    const p50 = 38 + 9 * wave + (index % 5);
    return {
      at: new Date(until - HOUR_MS + (index * HOUR_MS) / POINTS).toISOString(),
      succeeded: busy,
      failed: index % 13 === 0 ? 24 : index % 4,
      revoked: 0,
      retried: index % 13 === 0 ? 31 : index % 6,
      runtime_p50_ms: p50,
      runtime_p95_ms: index === 30 ? null : p50 * 3.1 + (index % 9) * 4,
      runtime_p99_ms: p50 * 6 + (index % 11) * 14,
    };
  });
  const definition = (name: string, queue: string, succeeded: number, failed: number, p50: number) => ({
    ...{ name, queue, succeeded, failed, revoked: 2, retried: failed * 2, crashed: 0 },
    failure_rate: failed / (succeeded + failed),
    ...{ runtime_p50_ms: p50, runtime_p95_ms: p50 * 3, runtime_p99_ms: p50 * 6, wait_p50_ms: 9, wait_p95_ms: 140 },
    cost_per_1000_usd: 0.0121,
  });
  return {
    since: new Date(until - HOUR_MS).toISOString(),
    until: new Date(until).toISOString(),
    step_seconds: 60,
    series,
    definitions: [
      definition('email.send', 'email', 5210, 14, 210),
      definition('image.thumbnail', 'files', 1804, 61, 640),
      definition('data.process', 'default', 6120, 0, 12),
    ],
    queues: [{ name: 'default', succeeded: 6120, failed: 0, revoked: 0, retried: 0 }],
    running: 17,
    recent_failures: [
      {
        ...{
          name: 'image.thumbnail',
          code: 'image_too_large',
          count: 41,
          last_at: new Date(until - 9000).toISOString(),
        },
        message: 'the picture would need 154 MiB; at most 108. Save it as a baseline JPEG, or ask for a smaller output',
        task_id: '01890a5d-ac96-774b-bcce-b302099a8057',
      },
      {
        ...{ name: 'email.send', code: 'error', count: 14, last_at: new Date(until - 600_000).toISOString() },
        message: '<script>alert(1)</script> connection reset',
        task_id: '01890a5d-ac96-774b-bcce-b302099a8058',
      },
    ],
  };
}

export function someQueues(): { items: Queue[] } {
  const queue = (name: string, waiting: number, running: number, rate: number): Queue => ({
    ...{ name, paused: name === 'low', waiting, running, backlog: Math.ceil(waiting / 250) },
    ...{ oldest_seconds: waiting > 0 ? waiting / 40 : null, throughput_per_minute: rate },
  });
  return {
    items: [
      queue('high', 0, 3, 18.2),
      queue('default', 1240, 50, 4120),
      queue('low', 91_420, 0, 0),
      queue('email', 32, 10, 96.5),
      queue('files', 2, 1, 30),
    ],
  };
}

export function someSchedules(now: number): { items: Schedule[] } {
  const schedule = (name: string, about: Partial<Schedule>): Schedule => ({
    ...{ name, task: 'data.process', input: {}, cron: null, every: null, timezone: 'Europe/Berlin' },
    ...{ catchup: 'latest', overlap: 'skip', jitter_seconds: 0, paused: false, source: 'code' },
    last_run_at: new Date(now - 40_000_000).toISOString(),
    last_task_id: '01890a5d-ac96-774b-bcce-b302099a8057',
    next_run_at: new Date(now + 51_000_000).toISOString(),
    ...about,
  });
  return {
    items: [
      schedule('clean-up-every-day', { cron: '0 2 * * *', task: 'maintenance.clean_up' }),
      schedule('send-digest-weekly', { cron: '0 9 * * MON', task: 'email.digest' }),
      schedule('warm-cache', { every: 300, source: 'api', last_run_at: null, last_task_id: null }),
      schedule('<script>alert(1)</script>', { every: 60, source: 'api', paused: true, next_run_at: null }),
    ],
  };
}

export function someFiles(now: number): { items: StoredFile[]; next_cursor: null } {
  const file = (key: string, filename: string, content_type: string, size: number): StoredFile => ({
    ...{ file: key, filename, content_type, size },
    uploaded_at: new Date(now - size).toISOString(),
  });
  return {
    items: [
      file('uploads/1', 'IMG_2041.jpg', 'image/jpeg', 4_210_331),
      file('outputs/documents/2.pdf', 'invoice-17.pdf', 'application/pdf', 81_002),
      file('uploads/3', '"><img src=x onerror=alert(1)>.csv', 'text/csv', 512),
    ],
    next_cursor: null,
  };
}

/** Lets these routes answer on a page, and remembers what was asked of them: `POST /queues/low/resume`. */
export async function answerContract(page: Page, now: number): Promise<string[]> {
  const asked: string[] = [];
  const nextRuns = Array.from({ length: 10 }, (_, day) => new Date(now + day * 24 * HOUR_MS).toISOString());
  const replies: [RegExp, unknown][] = [
    [/^\/stats$/, someStats(now)],
    [/^\/queues$/, someQueues()],
    [/^\/queues\/\w+\/(pause|resume)$/, someQueues().items[0]],
    [/^\/schedules\/[^/]+\/next$/, { items: nextRuns }],
    [/^\/schedules\/[^/]+\/run$/, { task_id: '01890a5d-ac96-774b-bcce-b302099a8057' }],
    [/^\/schedules(\/[^/]+)?$/, someSchedules(now)],
    [/^\/files$/, someFiles(now)],
    [/^\/tasks\/(revoke|retry)$/, { task_id: '01890a5d-ac96-774b-bcce-b302099a8057' }],
  ];
  await page.route(
    (url) => replies.some(([path]) => path.test(url.pathname)),
    (route) => {
      const request = route.request();
      const { pathname } = new URL(request.url());
      asked.push(`${request.method()} ${decodeURIComponent(pathname)} ${request.postData() ?? ''}`.trim());
      return route.fulfill({ json: replies.find(([path]) => path.test(pathname))?.[1] });
    },
  );
  return asked;
}
