// The schedules that stand in code, beside their tasks.
import type { Declaration } from '../declaration.ts';
import type { Engine } from '../engine.ts';
import { EngineError } from '../errors.ts';
import { NEVER, type NewSchedule, syncSchedules } from '../store/schedules.ts';
import { toJson } from '../to-json.ts';
import { planGraph } from '../workflow/graph.ts';
import type { WorkflowNode } from '../workflow/node.ts';
import { gatheringOf } from '../workflow/plan-workflow.ts';
import { readNode, type StoredNode, storeNode } from '../workflow/stored.ts';
import { nextTime, type ScheduleEntry, ScheduleTimes } from './entry.ts';
import { fillTimes } from './fill-times.ts';

/** Throws a plain Error at start-up for a malformed schedule, as for a malformed definition: a wrong deploy is seen at once. */
export function readSchedules(
  definitions: readonly Declaration[],
  find: (name: string) => Declaration | undefined,
): Map<string, ScheduleEntry> {
  const entries = new Map<string, ScheduleEntry>();
  for (const definition of definitions) {
    for (const [name, { input = {}, workflow, ...rule }] of Object.entries(definition.schedules)) {
      if (entries.has(name)) throw new Error(`two schedules are named "${name}"`);
      const times = ScheduleTimes.safeParse(rule);
      // Any instant: it shows whether the input fits once the time of a firing is filled in.
      const given = fillTimes(JSON.parse(inputText(name, input)), 0, 'UTC');
      const fits = workflow ? undefined : definition.input.safeParse(given);
      const [fault] = [...(times.error?.issues ?? []), ...(fits?.error?.issues ?? [])];
      if (!times.success || fault) throw new Error(`schedule "${name}": ${fault?.path.join('.')}: ${fault?.message}`);
      const what = workflow ? { workflow: { root: rootOf(name, workflow, find) } } : { task: definition.name, input };
      entries.set(name, { ...what, ...times.data });
    }
  }
  return entries;
}

/** The workflow as it is stored. Throws a plain Error if a task of it is not in the list, or a graph of it is malformed. */
function rootOf(
  schedule: string,
  workflow: () => { readonly node: object },
  find: (name: string) => Declaration | undefined,
): StoredNode {
  try {
    const root = storeNode(workflow().node as WorkflowNode);
    planGraph(gatheringOf(find), readNode(find, root));
    return root;
  } catch (error) {
    const [issue] = error instanceof EngineError ? error.issues : [];
    const message = issue ? `${issue.path}: ${issue.message}` : error instanceof Error ? error.message : error;
    throw new Error(`schedule "${schedule}": ${message}`, { cause: error });
  }
}

function inputText(name: string, input: unknown): string {
  try {
    return toJson(input, 'input');
  } catch (error) {
    throw new Error(`schedule "${name}": ${error instanceof Error ? error.message : error}`, { cause: error });
  }
}

const synced = new WeakSet<Engine>();

/** Writes the schedules in code to their table, once per isolate. Returns their names. */
export async function syncCode(engine: Engine): Promise<string[]> {
  const { schedules } = engine.registry;
  if (!synced.has(engine)) {
    const now = engine.clock.now();
    const rows = [...schedules].map(
      ([name, entry]): NewSchedule => ({ name, entry, nextAt: nextTime(entry, now, now) ?? NEVER }),
    );
    if (rows.length > 0) await syncSchedules(engine, rows);
    synced.add(engine);
  }
  return [...schedules.keys()];
}
