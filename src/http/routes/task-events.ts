// GET /tasks/{id}/events: the updates of one task as server-sent events (HTML standard, 9.2), until the task is final.
import { z } from '@hono/zod-openapi';
import { streamSSE } from 'hono/streaming';
import { findTask, followTask, isFinal, type TaskSummary, versionOf } from '../../engine/manage.ts';
import { authorize } from '../middleware/authorize.ts';
import { openStream } from '../open-streams.ts';
import { documentRoute, resource, route } from '../route.ts';
import { summaryJson } from '../task-json.ts';

const get = route({
  method: 'get',
  path: '/tasks/{id}/events',
  access: 'tasks:read',
  refuses: ['task_not_found', 'too_many_streams'],
  summary: 'The updates of a task as server-sent events, until it is final; `Last-Event-ID` resumes',
  request: {
    params: z.object({ id: z.uuid() }),
    headers: z.object({ 'last-event-id': z.string().max(100).optional() }),
  },
  responses: {
    200: {
      description: 'Events `state`, each with the task without its payloads, and `end` after the last one',
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
taskEvents.get('/tasks/:id/events', authorize('tasks:read'), async (c) => {
  const { engine } = c.var.services;
  const task = await findTask(engine, c.req.param('id'));
  const last = c.req.header('last-event-id');
  if (isFinal(task.state) && last === endIdOf(await idOf(task))) return c.body(null, 204);
  const open = openStream(c);
  return streamSSE(c, async (stream) => {
    stream.onAbort(open.close);
    const isOver = () => open.isOver() || stream.aborted;
    await stream.write(`retry: ${RETRY_MS}\n\n`);
    const times = { seconds: STREAM_SECONDS, quietSeconds: KEEP_ALIVE_SECONDS, isOver };
    try {
      for await (const change of followTask(engine, task, times)) {
        if (isOver()) return;
        if (!change) {
          await stream.write(': nothing new\n\n');
          continue;
        }
        const id = await idOf(change);
        if (id !== last) await stream.writeSSE({ id, event: 'state', data: JSON.stringify(summaryJson(change)) });
        if (isFinal(change.state)) await stream.writeSSE({ id: endIdOf(id), event: 'end', data: change.state });
      }
    } catch (error) {
      // The client reconnects and sends the id of the last event it received.
      engine.logger.warn('a stream of events ended early', { task_id: task.id, error });
    } finally {
      open.close();
    }
  });
});

const ID_BYTES = 12;

/** The same for the same state and progress in every isolate, so that a client may reconnect to another one. */
async function idOf(task: TaskSummary): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(versionOf(task)));
  return [...new Uint8Array(digest, 0, ID_BYTES)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

function endIdOf(id: string): string {
  return `end-${id}`;
}
