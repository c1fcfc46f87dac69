import { env } from 'cloudflare:workers';
import { beforeEach, describe, expect, it } from 'vitest';
import { type Chore, sweep } from '../../../src/engine/manage.ts';
import { cleanUpAll } from '../../support/clean-up.ts';
import { anApp, awayDb, call, reply } from '../../support/worker.ts';

const aChore = { everySeconds: 1, next: async () => ({ deleted: 0 }) };

beforeEach(async () => {
  await env.DB.prepare('DELETE FROM clean_ups').run();
});

interface Health {
  status: string;
  database: string;
  swept_at: string | null;
  cleaned_as_of: string | null;
  detail?: string;
}

describe('GET /healthz', () => {
  it('fails and says why before the sweep has ever run', async () => {
    const response = await call('GET /healthz');

    expect(response.headers.get('retry-after')).toBe('10');
    const health = await reply<Health>(503, response);
    expect(health).toMatchObject({ status: 'failing', database: 'ok', swept_at: null });
    expect(health.detail).toContain('cron');
  });

  it('is well after a sweep, and fails when none has come for five minutes', async () => {
    const { call: request, engine } = await anApp();
    await sweep(engine);
    const sweptAt = new Date(engine.clock.now()).toISOString();

    const well = await reply<Health>(200, request('GET /healthz'));
    engine.advance(301);
    const late = await reply<Health>(503, request('GET /healthz'));

    expect(well).toEqual({ status: 'ok', database: 'ok', swept_at: sweptAt, cleaned_as_of: null });
    expect(late).toMatchObject({ status: 'failing', database: 'ok', swept_at: sweptAt });
    expect(late.detail).toContain('five minutes');
  });

  it('says when the clean-up is a day late, and of what', async () => {
    const { call: request, engine } = await anApp();
    const chores = { tasks: aChore, outputs: aChore };
    await cleanUpAll(engine, chores);
    engine.advance(86_400);
    await cleanUpAll(engine, { tasks: aChore });
    await sweep(engine);
    expect(await reply<Health>(200, request('GET /healthz'))).not.toHaveProperty('detail');

    engine.advance(1);
    await sweep(engine);
    const late = await reply<Health>(200, request('GET /healthz'));
    expect(late.detail).toMatch(/^The clean-up of outputs is more than a day late/);
    expect(late.cleaned_as_of).toBe(new Date(engine.clock.now() - 86_401_000).toISOString());

    const { text } = await request('GET /metrics').then(async (response) => ({ text: await response.text() }));
    expect(text).toContain('errand_clean_up_age_seconds{chore="tasks"} 1\n');
    expect(text).toContain('errand_clean_up_age_seconds{chore="outputs"} 86401\n');
  });

  it('says so, too, of a clean-up that began a day ago and has never ended', async () => {
    const { call: request, engine } = await anApp();
    const broken: Chore = { everySeconds: 60, next: () => Promise.reject(new Error('broken')) };
    await cleanUpAll(engine, { tasks: aChore, events: broken }).catch(() => {});
    engine.advance(86_401);
    await cleanUpAll(engine, { tasks: aChore, events: broken }).catch(() => {});
    await sweep(engine);

    const late = await reply<Health>(200, request('GET /healthz'));
    expect(late.detail).toMatch(/^The clean-up of events is more than a day late/);
    const { text } = await request('GET /metrics').then(async (response) => ({ text: await response.text() }));
    expect(text).toContain('errand_clean_up_age_seconds{chore="events"} 86401\n');
  });

  it('fails and says why when the database does not answer, without its words', async () => {
    const { call: request } = await anApp({}, { db: awayDb('D1_ERROR: planted secret') });

    const health = await reply<Health>(503, request('GET /healthz'));

    expect(health).toMatchObject({ status: 'failing', database: 'unavailable', swept_at: null });
    expect(JSON.stringify(health)).not.toContain('planted');
  });
});
