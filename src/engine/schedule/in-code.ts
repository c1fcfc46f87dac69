// The schedules that stand in code, beside their tasks.
import type { Declaration } from '../declaration.ts';
import type { Engine } from '../engine.ts';
import { NEVER, type NewSchedule, syncSchedules } from '../store/schedules.ts';
import { toJson } from '../to-json.ts';
import { nextTime, type ScheduleEntry, ScheduleTimes } from './entry.ts';

/** Throws a plain Error at start-up for a malformed schedule, as for a malformed definition: a wrong deploy is seen at once. */
export function readSchedules(definitions: readonly Declaration[]): Map<string, ScheduleEntry> {
  const entries = new Map<string, ScheduleEntry>();
  for (const definition of definitions) {
    for (const [name, { input = {}, ...rule }] of Object.entries(definition.schedules)) {
      if (entries.has(name)) throw new Error(`two schedules are named "${name}"`);
      const times = ScheduleTimes.safeParse(rule);
      const fits = definition.input.safeParse(JSON.parse(inputText(name, input)));
      const [fault] = [...(times.error?.issues ?? []), ...(fits.error?.issues ?? [])];
      if (!times.success || fault) throw new Error(`schedule "${name}": ${fault?.path.join('.')}: ${fault?.message}`);
      entries.set(name, { task: definition.name, input, ...times.data });
    }
  }
  return entries;
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
