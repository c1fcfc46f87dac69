// Property: whatever workflow, and whatever the order of deliveries, duplicates, losses and crashes, each dependant is
// released exactly once, by exactly what it waits for; the same after the whole of it was retried.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { enqueueWorkflow, listAttempts, retryWorkflow, useEngine } from '../../../src/engine/manage.ts';
import type { WorkflowNode } from '../../../src/engine/workflow/node.ts';
import { disturb, Event } from '../../support/disorder.ts';
import { makeEngine } from '../../support/engine.ts';
import { scripted } from '../../support/scripted.ts';

type Steps = ('succeed' | 'throw' | 'fail' | 'snooze')[];

const Script = fc.constantFrom<Steps>(
  ['succeed'],
  ['throw', 'succeed'],
  ['snooze', 'succeed'],
  ['fail'],
  ['fail', 'succeed'],
  ['succeed', 'fail'],
);

const { node: Node } = fc.letrec<{ node: WorkflowNode; task: WorkflowNode; tree: WorkflowNode }>((tie) => ({
  node: fc.oneof({ maxDepth: 3, depthSize: 'small' }, tie('task'), tie('tree')),
  task: fc.record({ steps: Script, link: fc.option(Script), linkError: fc.option(Script) }).map(
    ({ steps, link, linkError }): WorkflowNode => ({
      ...aTask(steps),
      links: link ? [aTask(link)] : [],
      errorLinks: linkError ? [aTask(linkError)] : [],
    }),
  ),
  tree: fc.oneof(
    fc.array(tie('node'), { minLength: 1, maxLength: 3 }).map((nodes): WorkflowNode => ({ kind: 'chain', nodes })),
    fc
      .record({
        nodes: fc.array(tie('node'), { maxLength: 3 }),
        onChildFailure: fc.constantFrom('fail' as const, 'continue' as const),
        body: tie('node'),
      })
      .map(
        ({ nodes, onChildFailure, body }): WorkflowNode => ({
          kind: 'chain',
          nodes: [{ kind: 'group', nodes, onChildFailure }, body],
        }),
      ),
  ),
}));

/** Nothing flows in, so that only the graph decides what becomes of it. */
function aTask(steps: Steps) {
  return {
    kind: 'task' as const,
    definition: scripted,
    bound: { do: steps },
    immutable: true,
    options: {},
    links: [],
    errorLinks: [],
  };
}

interface Row {
  id: string;
  do: string | null;
}
interface Edge {
  parent_id: string;
  child_id: string;
  runs_on: 'success' | 'any' | 'failure';
}

/** What the graph and the scripts say must become of each task, and how many runs it has had by then. */
function foretell(rows: Row[], edges: Edge[], ran: Map<string, number>, states: Map<string, string>): void {
  for (const { id, do: script } of rows) {
    if (states.has(id)) continue;
    const parents = edges.filter(({ child_id }) => child_id === id);
    const fell = parents.filter(({ parent_id, runs_on }) => {
      const state = states.get(parent_id);
      return runs_on === 'success'
        ? state !== 'SUCCESS'
        : runs_on === 'failure' && (state === 'SUCCESS' || state === 'NOT_NEEDED');
    });
    const needless = fell.some(
      ({ parent_id, runs_on }) => runs_on === 'failure' || states.get(parent_id) === 'NOT_NEEDED',
    );
    if (fell.length > 0) {
      states.set(id, needless ? 'NOT_NEEDED' : 'FAILURE');
      continue;
    }
    const steps = script === null ? ['succeed'] : (JSON.parse(script) as Steps);
    let runs = ran.get(id) ?? 0;
    const step = () => steps[Math.min(runs++, steps.length - 1)];
    let last = step();
    while (last === 'throw' || last === 'snooze') last = step();
    ran.set(id, runs);
    states.set(id, last === 'succeed' ? 'SUCCESS' : 'FAILURE');
  }
}

it('a workflow of any shape ends as its graph says, in any order of events, and again when it is retried', async () => {
  let retried = 0;
  await fc.assert(
    fc.asyncProperty(Node, fc.option(Script), fc.array(Event, { maxLength: 15 }), async (root, onError, events) => {
      await env.DB.batch(
        ['tasks', 'leases', 'attempts', 'edges', 'workflow_tasks', 'workflows'].map((table) =>
          env.DB.prepare(`DELETE FROM ${table}`),
        ),
      );
      const engine = await makeEngine([scripted]);
      useEngine(engine);
      const { workflowId, taskIds } = await enqueueWorkflow(engine, root, onError ? { onError: aTask(onError) } : {});
      const { results: rows } = await env.DB.prepare(
        "SELECT id, input ->> 'do' AS do FROM tasks ORDER BY id",
      ).all<Row>();
      const { results: edges } = await env.DB.prepare('SELECT parent_id, child_id, runs_on FROM edges').all<Edge>();
      const ran = new Map<string, number>();
      const states = new Map<string, string>();
      const check = async () => {
        foretell(rows, edges, ran, states);
        const seen = await env.DB.prepare(
          "SELECT id, CASE error ->> 'code' WHEN 'not_needed' THEN 'NOT_NEEDED' ELSE state END AS state FROM tasks ORDER BY id",
        ).all<{ id: string; state: string }>();
        expect(seen.results).toEqual(rows.map(({ id }) => ({ id, state: states.get(id) })));
        for (const { id } of rows) {
          const attempts = (await listAttempts(engine, id)).filter(({ outcome }) => outcome !== 'CRASHED');
          expect(attempts).toHaveLength(ran.get(id) ?? 0);
        }
        expect(await env.DB.prepare('SELECT done = total AS ended FROM workflows').first('ended')).toBe(1);
      };

      await engine.idle();
      await disturb(engine, taskIds, events);
      await engine.drain(100);
      await check();

      const failed = rows.filter(({ id }) => states.get(id) === 'FAILURE').map(({ id }) => id);
      if (failed.length === 0) return;
      retried++;
      await retryWorkflow(engine, workflowId);
      const again = new Set(failed);
      for (const { parent_id, child_id } of edges.toSorted((a, b) => a.child_id.localeCompare(b.child_id)))
        if (again.has(parent_id)) again.add(child_id);
      for (const id of again) states.delete(id);
      await disturb(engine, taskIds, events.toReversed());
      await engine.drain(100);
      await check();
    }),
    { numRuns: 60 },
  );
  expect(retried).toBeGreaterThan(10);
}, 120_000);
