import { expect, it } from 'vitest';
import { makeReport } from '../../examples/schedules.ts';
import { findSchedule, listTasks, sweep } from '../../src/engine/manage.ts';
import { makeEngine } from '../support/engine.ts';

it('the example of docs/guides/schedules.md fires as the guide says', async () => {
  const engine = await makeEngine([makeReport]);
  await sweep(engine);
  const morning = await findSchedule(engine, 'report-every-morning');
  expect(new Date(morning.nextAt).toLocaleTimeString('en-GB', { timeZone: 'Europe/Berlin' })).toBe('07:00:00');
  for (let quarter = 0; quarter < 4; quarter++) {
    engine.advance(900);
    await sweep(engine);
    await engine.drain();
  }
  const often = await findSchedule(engine, 'report-often');
  expect(often).toMatchObject({ lastState: 'SUCCESS', skipped: 0 });
  const tasks = await listTasks(engine, { name: 'example.report_make' }, { limit: 10, before: undefined });
  expect(tasks.length).toBeGreaterThanOrEqual(4);
});
