// GET /tasks/{id}/events: the updates of one task and of its steps as server-sent events (HTML standard, 9.2), until the task is
// final.
import { z } from '@hono/zod-openapi';
import { type SSEMessage, streamSSE } from 'hono/streaming';
import { type Change, findFollowed, followTask, isFinal, printOf } from '../../engine/manage.ts';
import { authorize } from '../middleware/authorize.ts';
import { openStream } from '../open-streams.ts';
import { documentRoute, resource, route } from '../route.ts';
import { StepNewsJson, stepNewsJson } from '../step-json.ts';
import { summaryJson } from '../task-json.ts';

const get = route({
  method: 'get',
  path: '/tasks/{id}/events',
  access: 'tasks:read',
  refuses: ['task_not_found', 'too_many_streams'],
  summary: 'The updates of a task and of its steps as server-sent events, until it is final; `Last-Event-ID` resumes',
  request: {
    params: z.object({ id: z.uuid() }),
    headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
  },
  responses: {
    200: {
      description:
        'Events `state`, each with a TaskSummary; `step`, each with a StepNews, when a step is recorded, is woken or is undone; and `end` after the last one',
      content: { 'text/event-stream': { schema: z.string() } },
    },
    204: { description: 'The client has received the end: it must not reconnect' },
  },
});

/** After this the stream ends, and the client reconnects by itself. */
const STREAM_SECONDS = 600;
const KEEP_ALIVE_SECONDS = 15;
const RETRY_MS = 2000;

export const taskEvents = resource();
documentRoute(taskEvents, get);
taskEvents.openAPIRegistry.register('StepNews', StepNewsJson);
taskEvents.get('/tasks/:id/events', authorize('tasks:read'), async (c) => {
  const { engine } = c.var.services;
  const found = await findFollowed(engine, c.req.param('id'));
  const { id } = found.task;
  const last = c.req.header('last-event-id');
  if (isFinal(found.task.state) && last === endIdOf(textOf(await printsOf(found)))) return c.body(null, 204);
  const open = openStream(c);
  return streamSSE(c, async (stream) => {
    stream.onAbort(open.close);
    const isOver = () => open.isOver() || stream.aborted;
    await stream.write(`retry: ${RETRY_MS}\n\n`);
    const times = { seconds: STREAM_SECONDS, quietSeconds: KEEP_ALIVE_SECONDS, isOver };
    let seen = seenBefore(last);
    try {
      for await (const change of followTask(engine, found, times)) {
        if (isOver()) return;
        if (!change) {
          await stream.write(': nothing new\n\n');
          continue;
        }
        const prints = await printsOf(change);
        for (const message of messagesOf(change, seen, prints)) await stream.writeSSE(message);
        seen = prints;
        const { state } = change.task;
        if (isFinal(state)) await stream.writeSSE({ id: endIdOf(textOf(prints)), event: 'end', data: state });
      }
    } catch (error) {
      // The client reconnects and sends the id of the last event it received.
      engine.logger.warn('a stream of events ended early', { task_id: id, error });
    } finally {
      open.close();
    }
  });
});

/** What a client has seen, as an id of an event tells it: the task, and all its steps. Equal in every isolate. */
interface Prints {
  task: string;
  /** '' for a task without steps. */
  steps: string;
}

/**
 * News of the task and of its steps. A state that a change leads to comes after its steps, so that a final one comes last. Only the
 * last message has an id: a client that lost the connection before it gets all of them again.
 */
function messagesOf({ task, changed }: Change, seen: Prints | undefined, prints: Prints): SSEMessage[] {
  const isNews = prints.task !== seen?.task;
  const state = isNews ? [{ event: 'state', data: JSON.stringify(summaryJson(task)) }] : [];
  const hasNewSteps = prints.steps !== seen?.steps;
  const steps = hasNewSteps ? changed.map((step) => ({ event: 'step', data: JSON.stringify(stepNewsJson(step)) })) : [];
  const messages: SSEMessage[] = seen ? [...steps, ...state] : [...state, ...steps];
  const end = messages.pop();
  return end ? [...messages, { ...end, id: textOf(prints) }] : [];
}

async function printsOf({ task, steps }: Pick<Change, 'task' | 'steps'>): Promise<Prints> {
  const ofSteps = steps.length === 0 ? '' : await digestOf(JSON.stringify(steps));
  return { task: await digestOf(printOf(task)), steps: ofSteps };
}

const ID_BYTES = 12;

async function digestOf(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
  return [...new Uint8Array(digest, 0, ID_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function textOf({ task, steps }: Prints): string {
  return steps === '' ? task : `${task}.${steps}`;
}

function seenBefore(last: string | undefined): Prints | undefined {
  const [task, steps = ''] = last?.split('.') ?? [];
  return task === undefined ? undefined : { task, steps };
}

function endIdOf(id: string): string {
  return `end-${id}`;
}
