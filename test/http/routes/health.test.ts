import { describe, expect, it } from 'vitest';
import { sweep } from '../../../src/engine/manage.ts';
import { anApp, awayDb, call, reply } from '../../support/worker.ts';

interface Health {
  status: string;
  database: string;
  swept_at: string | null;
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

    expect(well).toEqual({ status: 'ok', database: 'ok', swept_at: sweptAt });
    expect(late).toMatchObject({ status: 'failing', database: 'ok', swept_at: sweptAt });
    expect(late.detail).toContain('five minutes');
  });

  it('fails and says why when the database does not answer, without its words', async () => {
    const { call: request } = await anApp({}, { db: awayDb('D1_ERROR: planted secret') });

    const health = await reply<Health>(503, request('GET /healthz'));

    expect(health).toMatchObject({ status: 'failing', database: 'unavailable', swept_at: null });
    expect(JSON.stringify(health)).not.toContain('planted');
  });
});
