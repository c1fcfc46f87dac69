// Writes a task in any state directly into the table, with the columns that its state implies.
import { env } from 'cloudflare:workers';
import { v7 as uuidv7 } from 'uuid';
import { isFinal, type QueueName } from '../../src/engine/index.ts';
import type { State } from '../../src/engine/manage.ts';

export interface TaskSeed {
  id?: string;
  name?: string;
  queue?: QueueName;
  state?: State;
  createdAt?: number;
  finishedAt?: number;
  tags?: string[];
  version?: { id: string; tag?: string };
}

export async function aTask(seed: TaskSeed = {}): Promise<{ id: string }> {
  const {
    id = uuidv7(),
    name = 'test.scripted',
    queue = 'default',
    state = 'PENDING',
    createdAt = Date.now(),
    tags = [],
  } = seed;
  const started = state === 'STARTED' || state === 'SUCCESS' || state === 'FAILURE';
  const leaseId = state === 'STARTED' ? `lease-of-${id}` : null;
  const error = state === 'FAILURE' ? JSON.stringify({ code: 'error', type: 'Error', message: 'failed' }) : null;
  await env.DB.batch([
    env.DB.prepare(
      `INSERT INTO tasks (id, name, queue, state, input, result, error, tags, attempt, max_retries, fence, lease_id,
         created_at, due_at, wake_at, started_at, finished_at, version)
       VALUES (?1, ?2, ?3, ?4, '{}', ?5, ?6, ?7, ?8, 3, ?8, ?9, ?10, ?10, ?10, ?11, ?12, ?13)`,
    ).bind(
      id,
      name,
      queue,
      state,
      state === 'SUCCESS' ? '{"attempt":1}' : null,
      error,
      tags.length > 0 ? JSON.stringify(tags) : null,
      started ? 1 : 0,
      leaseId,
      createdAt,
      started ? createdAt : null,
      isFinal(state) ? (seed.finishedAt ?? createdAt) : null,
      seed.version ? JSON.stringify(seed.version) : null,
    ),
    ...tags.map((tag) => env.DB.prepare('INSERT INTO task_tags (tag, task_id) VALUES (?, ?)').bind(tag, id)),
    ...(leaseId
      ? [
          env.DB.prepare('INSERT INTO leases (id, queue, task_ids, until) VALUES (?, ?, ?, ?)').bind(
            leaseId,
            queue,
            JSON.stringify([id]),
            createdAt + 30_000,
          ),
        ]
      : []),
  ]);
  return { id };
}
