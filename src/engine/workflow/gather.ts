// canvas.gather: the task that stands for a group that is followed by nothing, or by another group. Its result is the list of
// the members' results, in their order.
import { z } from 'zod';
import { defineTask } from '../definition.ts';
import { GATHER } from './node.ts';

export const gather = defineTask({
  name: GATHER,
  input: z.object({ results: z.array(z.unknown()).default([]) }),
  output: z.array(z.unknown()),
  run: ({ results }) => results,
});
