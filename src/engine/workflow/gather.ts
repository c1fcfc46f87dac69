// The tasks that gather results. canvas.gather stands for a group that is followed by nothing, or by another group: its result is
// the list of the members' results, in their order. The two others gather results of nodes of a graph, by name.
import { z } from 'zod';
import { defineTask } from '../definition.ts';
import { GATHER, GATHER_GRAPH, GATHER_NAMED } from './node.ts';

export const gather = defineTask({
  name: GATHER,
  input: () => z.object({ results: z.array(z.unknown()).default([]) }),
  output: () => z.array(z.unknown()),
  run: ({ results }) => results,
});

const record = () => z.record(z.string(), z.unknown());
const named = { input: record, output: record };

export const gatherNamed = defineTask({ name: GATHER_NAMED, ...named, run: (results) => results });

export const gatherGraph = defineTask({ name: GATHER_GRAPH, ...named, run: (results) => results });
