// A ring: a message that names tasks to look at. It is only a hint; D1 holds the tasks.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import type { QueueName } from './queues.ts';

export interface Ring {
  id: string;
  /** The definition's name; '' when the definition is known to have no limits and no batches. */
  name: string;
  queue: QueueName;
  /** Epoch milliseconds; in the past: at once. */
  dueAt: number;
  /** It may have crashed the isolate: it travels in a message of its own and runs alone. */
  alone?: boolean;
  /** It has had its turn in the line of its rate limit and goes before new tasks. Absent: it stands at the end. */
  returning?: boolean;
  /** It waits for an event or a person, and is due when that times out. */
  waits?: boolean;
}

/** The body of a queue message. `task`: the definition that the ids share, when that has limits or batches. */
export const RingMessage = lazy(() =>
  z.object({
    ids: z.array(z.uuid()).min(1).max(1000),
    alone: z.boolean().optional(),
    task: z.string().optional(),
    returning: z.boolean().optional(),
  }),
);
export type RingMessage = z.infer<ReturnType<typeof RingMessage>>;
