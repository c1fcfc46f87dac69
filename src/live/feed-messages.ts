// The messages of the live feed on the wire: the client's requests, updates of tasks, and resets. Field names on the wire must
// not change.
import { z } from 'zod';
import type { TaskUpdate } from '../engine/manage.ts';
import { lazy } from '../lazy.ts';

/** A message carries at most this many updates and says how many more there were. */
export const MAX_UPDATES = 500;
export const MAX_SUBSCRIBED_TASKS = 100;
/** The longest valid message, with 100 ids, has less than 4,000 characters. */
const MAX_REQUEST_CHARACTERS = 8192;

/** An update of one task, as it is sent to clients. */
export interface TaskUpdateJson {
  task_id: string;
  name: string;
  queue: string;
  status: string;
  progress?: TaskUpdate['progress'];
  workflow_id?: string;
  step?: TaskUpdate['step'];
  at: string;
}

/** Subscribes, replaces the subscription, or asks for the messages after `last`. */
const FeedRequest = lazy(() =>
  z
    .strictObject({
      tasks: z.array(z.uuid().toLowerCase()).max(MAX_SUBSCRIBED_TASKS).optional(),
      all: z.literal(true).optional(),
      last: z.int().min(0).optional(),
    })
    .refine(({ tasks, all }) => tasks === undefined || all === undefined, 'either tasks or all'),
);

export type FeedRequest = z.infer<ReturnType<typeof FeedRequest>>;

/** Reads a client's message; undefined when it is not a valid request. */
export function parseRequest(data: string | ArrayBuffer): FeedRequest | undefined {
  if (typeof data !== 'string' || data.length > MAX_REQUEST_CHARACTERS) return undefined;
  try {
    return FeedRequest().safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

/** An update of the engine in the form of the wire, with ISO 8601 in UTC. */
export function updateJson(update: TaskUpdate): TaskUpdateJson {
  const { taskId, name, queue, state, progress, workflowId, step, at } = update;
  return {
    task_id: taskId,
    name,
    queue,
    status: state,
    ...(progress && { progress }),
    ...(workflowId !== undefined && { workflow_id: workflowId }),
    ...(step && { step }),
    at: new Date(at).toISOString(),
  };
}

/**
 * The text of a message: `{ "id", "events" }`. If there are more than MAX_UPDATES, it holds the first ones, and `more` counts
 * the rest. `json`: the updates as JSON, if the caller has it already.
 */
export function updatesText(id: number, updates: readonly TaskUpdateJson[], json?: string): string {
  const more = updates.length - MAX_UPDATES;
  if (more > 0) return JSON.stringify({ id, more, events: updates.slice(0, MAX_UPDATES) });
  return `{"id":${id},"events":${json ?? JSON.stringify(updates)}}`;
}

/** Asks the client to load anew: updates from before this id may be in no message. */
export function resetText(id: number): string {
  return JSON.stringify({ reset: true, id });
}
