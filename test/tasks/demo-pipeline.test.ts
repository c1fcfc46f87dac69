import { describe, expect, it } from 'vitest';
import { createRegistry, enqueueWorkflow, findWorkflow, retryWorkflow, sendEvent } from '../../src/engine/manage.ts';
import { demoPipelineTasks } from '../../src/tasks/demo-pipeline.ts';
import { makeEngine } from '../support/engine.ts';

async function start(day: string, open: boolean) {
  const engine = await makeEngine([], { registry: createRegistry(demoPipelineTasks) });
  if (open) await sendEvent(engine, { type: 'warehouse.opened', key: day, payload: null });
  engine.advance(60);
  const task = (name: string, bound: Record<string, unknown> = {}) => ({
    ...{ kind: 'task' as const, definition: engine.registry.get(name)!, bound, immutable: false },
    ...{ options: {}, links: [], errorLinks: [] },
  });
  const after = (name: string, parents: string[]) => ({
    ...{ name, node: task(`demo.${name}`), after: parents, when: 'all_success' as const },
  });
  const nodes = [
    { name: 'extract', node: task('demo.extract', { day }), after: [], when: 'all_success' as const },
    ...[after('check', ['extract']), after('transform', ['extract']), after('load', ['check', 'transform'])],
  ];
  const { workflowId } = await enqueueWorkflow(engine, { kind: 'dag', nodes }, {});
  const ended = async () => {
    await engine.drain(40);
    const { workflow, tasks, result } = await findWorkflow(engine, workflowId, 100);
    const states = Object.fromEntries(tasks.flatMap(({ node, state }) => (node ? [[node, state]] : [])));
    return { status: workflow.status, states, result: result && JSON.parse((result as { json: string }).json) };
  };
  return { engine, workflowId, ended };
}

const LOADED = { rows: 4, refunds: 2 };

describe('the demo tasks of a pipeline', () => {
  it('load the sums of a day into an open warehouse', async () => {
    expect(await (await start('2026-11-27', true)).ended()).toMatchObject({
      ...{ status: 'SUCCESS', result: { load: { table: 'sales_2026_11_27', ...LOADED } } },
    });
  });

  it('fail at a closed warehouse, and go on from there after its event', async () => {
    const day = '2026-11-28';
    const { engine, workflowId, ended } = await start(day, false);
    const states = { extract: 'SUCCESS', check: 'SUCCESS', transform: 'SUCCESS', load: 'FAILURE' };
    expect(await ended()).toMatchObject({ status: 'FAILURE', states });

    await sendEvent(engine, { type: 'warehouse.opened', key: day, payload: null });
    await retryWorkflow(engine, workflowId);
    expect(await ended()).toMatchObject({ status: 'SUCCESS', result: { load: LOADED } });
  });
});
