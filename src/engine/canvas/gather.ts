// canvas.gather: the task that stands for a group nothing follows, or that another group follows. Its result is the list
// of the members' results, in their order.
import { z } from 'zod';
import { defineTask } from '../task.ts';
import { GATHER } from './node.ts';

export const gather = defineTask({
  name: GATHER,
  input: z.object({ results: z.array(z.unknown()).default([]) }),
  output: z.array(z.unknown()),
  run: ({ results }) => results,
});
