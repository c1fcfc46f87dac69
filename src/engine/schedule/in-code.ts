// The schedules that stand in code, beside their tasks.
import type { Engine } from '../engine.ts';
import { NEVER, type NewSchedule, type ScheduleEntry, syncSchedules } from '../store/schedules.ts';
import type { AnyDefinition } from '../task.ts';
import { nextTime, ScheduleTimes } from './entry.ts';

/** A malformed one ends the start-up with a plain Error, as a malformed task does: a deploy that is wrong is seen at once. */
export function readSchedules(definitions: readonly AnyDefinition[]): Map<string, ScheduleEntry> {
  const entries = new Map<string, ScheduleEntry>();
  for (const definition of definitions) {
    for (const [name, { input = {}, ...rule }] of Object.entries(definition.schedules)) {
      if (entries.has(name)) throw new Error(`two schedules are named "${name}"`);
      const times = ScheduleTimes.safeParse(rule);
      const fits = definition.input.safeParse(JSON.parse(JSON.stringify(input)));
      const [fault] = [...(times.error?.issues ?? []), ...(fits.error?.issues ?? [])];
      if (!times.success || fault) throw new Error(`schedule "${name}": ${fault?.path.join('.')}: ${fault?.message}`);
      entries.set(name, { task: definition.name, input, ...times.data });
    }
  }
  return entries;
}

const synced = new WeakSet<Engine>();

/** Brings the table to what the code says: once per isolate. The names of what is in code. */
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
