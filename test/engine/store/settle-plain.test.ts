// Tasks that are settled by the short statement, and which are.
import { env } from 'cloudflare:workers';
import { expect, it } from 'vitest';
import type { Settlement } from '../../../src/engine/settlement.ts';
import { isPlain } from '../../../src/engine/store/settle-plain.ts';
import { settleTasks } from '../../../src/engine/store/settle-tasks.ts';
import { aSettlement, claimAndDie, enqueueOne } from '../../support/dying.ts';
import { makeEngine, rowOf } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

const one: Settlement = aSettlement({ id: 'x', fence: 1, startedAt: 0 });
const progress = { percent: 100, message: null, current: null, total: null };

it.each<[string, boolean, Partial<Settlement>]>([
  ['a success', true, {}],
  ['one without a result', true, { result: undefined }],
  ['one with log lines, which have a row of their own', true, { logs: [{ at: 1, message: 'x' }] }],
  ['one whose result is in the payload store', false, { result: { key: 'payloads/x/result-1.json' } }],
  ['one with progress', false, { progress }],
  ['one with a slot', false, { slot: 5 }],
  ['a failure', false, { state: 'FAILURE', outcome: 'FAILURE' }],
])('%s is plain: %s', (_, expected, change) => expect(isPlain({ ...one, ...change })).toBe(expected));

it('leaves the same row as the general statement', async () => {
  const engine = await makeEngine([scripted]);
  const ids = [await enqueueOne(engine), await enqueueOne(engine)];
  await env.DB.prepare(`
    UPDATE tasks SET crashes = 1, error = 'old', keeps_place = 1, attempt = 2, result = 'old', deadline_at = 9, undoing = '{}', progress = ?`)
    .bind(JSON.stringify(progress))
    .run();
  const { tasks } = await claimAndDie(engine, ids, true);
  await env.DB.prepare('UPDATE tasks SET progress = ?').bind(JSON.stringify(progress)).run();
  const [plain, general] = tasks.map((task) => ({
    ...aSettlement(task),
    result: { json: '"a \\"quoted\\" é\\u0000"' },
  }));
  await settleTasks(engine, [plain!, { ...general!, progress }]);
  const [first, second] = [await rowOf(plain!.id), await rowOf(general!.id)];
  expect(first).toEqual({ ...second, id: plain!.id });
  expect(first).toMatchObject({
    state: 'SUCCESS',
    result: plain!.result.json,
    error: null,
    undoing: null,
    keeps_place: 0,
    crashes: 1,
  });
});
