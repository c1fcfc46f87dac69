// Name → definition. Refuses duplicates at start-up; suggests near names for unknown ones.
import { distance } from 'fastest-levenshtein';
import { backgroundFunction } from './background-function.ts';
import type { Registry } from './engine.ts';
import type { AnyDefinition } from './handler.ts';
import { readSchedules } from './schedule/in-code.ts';
import { chunk } from './workflow/chunk.ts';
import { gather, gatherGraph, gatherNamed } from './workflow/gather.ts';

/** Definitions of tasks that the engine itself enqueues. Known, but neither listed nor suggested. */
const BUILT_IN: AnyDefinition[] = [backgroundFunction, gather, gatherNamed, gatherGraph, chunk];

/** Throws a plain Error when two definitions share a name, or a schedule is malformed. */
export function createRegistry(definitions: readonly AnyDefinition[]): Registry {
  const byName = new Map<string, AnyDefinition>();
  for (const definition of [...definitions, ...BUILT_IN]) {
    if (byName.has(definition.name)) throw new Error(`two tasks are named "${definition.name}"`);
    byName.set(definition.name, definition);
  }
  const byEvent = new Map<string, AnyDefinition[]>();
  for (const definition of definitions) {
    for (const type of definition.on) byEvent.set(type, [...(byEvent.get(type) ?? []), definition]);
  }
  return {
    schedules: readSchedules(definitions, (name) => byName.get(name)),
    get: (name) => byName.get(name),
    startedBy: (type) => byEvent.get(type) ?? [],
    all: () => [...definitions].sort((a, b) => a.name.localeCompare(b.name)),
    nearest(name) {
      const limit = Math.max(3, Math.ceil(name.length / 2));
      return definitions
        .map(({ name: known }) => ({ known, apart: distance(name.slice(0, 100), known) }))
        .filter(({ apart }) => apart <= limit)
        .sort((a, b) => a.apart - b.apart)
        .slice(0, 3)
        .map(({ known }) => known);
    },
  };
}
