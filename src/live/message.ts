// What the feed says and hears: the messages on the wire, and which events a subscriber is sent.
import { z } from 'zod';
import type { TaskUpdate } from '../engine/manage.ts';

/** A message carries at most so many events, and says how many more there were. */
export const MAX_EVENTS = 500;
export const MAX_SUBSCRIBED_TASKS = 100;
/** The longest message with a hundred ids has under 4,000. */
const MAX_REQUEST_CHARACTERS = 8192;

export interface LiveEventJson {
  task_id: string;
  name: string;
  queue: string;
  status: string;
  progress?: TaskUpdate['progress'];
  workflow_id?: string;
  at: string;
}

/** Subscribes, replaces a subscription, or asks for what came after the message `last`. */
const FeedRequest = z
  .strictObject({
    tasks: z.array(z.uuid().toLowerCase()).max(MAX_SUBSCRIBED_TASKS).optional(),
    all: z.literal(true).optional(),
    last: z.int().min(0).optional(),
  })
  .refine(({ tasks, all }) => tasks === undefined || all === undefined, 'either tasks or all');

export type FeedRequest = z.infer<typeof FeedRequest>;

/** undefined: garbage. */
export function parseRequest(data: string | ArrayBuffer): FeedRequest | undefined {
  if (typeof data !== 'string' || data.length > MAX_REQUEST_CHARACTERS) return undefined;
  try {
    return FeedRequest.safeParse(JSON.parse(data)).data;
  } catch {
    return undefined;
  }
}

export function eventJson({ taskId, name, queue, state, progress, workflowId, at }: TaskUpdate): LiveEventJson {
  return {
    task_id: taskId,
    name,
    queue,
    status: state,
    ...(progress && { progress }),
    ...(workflowId !== undefined && { workflow_id: workflowId }),
    at: new Date(at).toISOString(),
  };
}

/** `{ "id", "events" }`, or of many events the first and `more`. `json`: the text of all the events, where it is at hand. */
export function messageText(id: number, events: readonly LiveEventJson[], json?: string): string {
  const more = events.length - MAX_EVENTS;
  if (more > 0) return JSON.stringify({ id, more, events: events.slice(0, MAX_EVENTS) });
  return `{"id":${id},"events":${json ?? JSON.stringify(events)}}`;
}

/** Who is told to load anew: what happened before this id is in no message. */
export function resetText(id: number): string {
  return JSON.stringify({ reset: true, id });
}
