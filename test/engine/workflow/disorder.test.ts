// Property: whatever workflow, and whatever the order of deliveries, duplicates, losses and crashes, each dependant is
// released exactly once, by exactly what it waits for; the same after the whole of it was retried.
import { env } from 'cloudflare:workers';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { enqueueWorkflow, listAttempts, retryWorkflow, useEngine } from '../../../src/engine/manage.ts';
import { GATHER_GRAPH, type NamedNode, WHENS, type WorkflowNode } from '../../../src/engine/workflow/node.ts';
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

const { node: Node, dag: Dag } = fc.letrec<Record<'node' | 'task' | 'tree' | 'dag', WorkflowNode>>((tie) => ({
  node: fc.oneof({ maxDepth: 3, depthSize: 'small' }, tie('task'), tie('tree'), tie('dag')),
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
  dag: fc
    .array(
      fc.record({
        node: fc.oneof({ weight: 3, arbitrary: tie('task') }, { weight: 1, arbitrary: tie('node') }),
        parents: fc.array(fc.nat(), { maxLength: 3 }),
        when: fc.constantFrom(...WHENS),
      }),
      { minLength: 1, maxLength: 6 },
    )
    .map((given) =>
      given.map(({ node, parents, when }, n): NamedNode => {
        const after = [...new Set(n === 0 ? [] : parents.map((parent) => `n${parent % n}`))];
        return { name: `n${n}`, node, after, when: after.length === 0 ? 'all_success' : when };
      }),
    )
    .chain((nodes) => fc.shuffledSubarray(nodes, { minLength: nodes.length }))
    .map((nodes): WorkflowNode => ({ kind: 'dag', nodes })),
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
  name: string;
  do: string | null;
}
interface Edge {
  parent_id: string;
  child_id: string;
  runs_on: 'success' | 'any' | 'failure';
  label: string | null;
}

/** How a task ends without running, given how its parents ended; undefined if it runs. */
function endOf({ id, name }: Row, edges: Edge[], states: ReadonlyMap<string, string>): string | undefined {
  const parents = edges.filter(({ child_id }) => child_id === id);
  const stateOf = ({ parent_id }: Edge) => states.get(parent_id);
  const plain = parents.filter(({ label }) => label === null);
  const named = parents.filter(({ label }) => label !== null);
  const fell = plain.filter((edge) =>
    edge.runs_on === 'success'
      ? stateOf(edge) !== 'SUCCESS'
      : stateOf(edge) === 'NOT_NEEDED' || (edge.runs_on === 'failure' && stateOf(edge) === 'SUCCESS'),
  );
  if (fell.some((edge) => edge.runs_on === 'failure' || stateOf(edge) === 'NOT_NEEDED')) return 'NOT_NEEDED';
  if (fell.length > 0) return 'FAILURE';
  const someAre = (state: string, ...kinds: string[]) =>
    named.some((edge) => kinds.includes(edge.runs_on) && stateOf(edge) === state);
  if (someAre('FAILURE', 'success')) return 'FAILURE';
  if (name === GATHER_GRAPH) return undefined;
  const isForFailure = named.some(({ runs_on }) => runs_on === 'failure');
  if (isForFailure) return someAre('FAILURE', 'failure') ? undefined : 'NOT_NEEDED';
  return someAre('NOT_NEEDED', 'success') ? 'NOT_NEEDED' : undefined;
}

/** What the graph and the scripts say must become of each task, and how many runs it has had by then. */
function foretell(rows: Row[], edges: Edge[], ran: Map<string, number>, states: Map<string, string>): void {
  for (const row of rows) {
    const { id, do: script } = row;
    if (states.has(id)) continue;
    const end = endOf(row, edges, states);
    if (end !== undefined) {
      states.set(id, end);
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

/** Tasks that started before one of their parents had ended. */
const STARTED_EARLY = `
  SELECT child.id FROM edges JOIN tasks AS parent ON parent.id = parent_id JOIN tasks AS child ON child.id = child_id
  WHERE child.started_at < parent.finished_at`;

it.each([
  ['workflow', Node],
  ['graph', Dag],
])(
  'a %s of any shape ends as it says, in any order of events, and again when it is retried',
  async (_, Shape) => {
    let retried = 0;
    await fc.assert(
      fc.asyncProperty(
        Shape,
        fc.option(fc.oneof(Script.map(aTask), Dag)),
        fc.array(Event, { maxLength: 15 }),
        async (root, onError, events) => {
          await env.DB.batch(
            ['tasks', 'leases', 'attempts', 'edges', 'workflow_tasks', 'workflows'].map((table) =>
              env.DB.prepare(`DELETE FROM ${table}`),
            ),
          );
          const engine = await makeEngine([scripted]);
          useEngine(engine);
          const { workflowId, taskIds } = await enqueueWorkflow(engine, root, onError ? { onError } : {});
          const { results: rows } = await env.DB.prepare(
            "SELECT id, name, input ->> 'do' AS do FROM tasks ORDER BY id",
          ).all<Row>();
          const { results: edges } = await env.DB.prepare(
            'SELECT parent_id, child_id, runs_on, label FROM edges',
          ).all<Edge>();
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
            const { results: attempts } = await env.DB.prepare(STARTED_EARLY).all();
            expect(attempts).toEqual([]);
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
        },
      ),
      { numRuns: 60 },
    );
    expect(retried).toBeGreaterThan(10);
  },
  120_000,
);
