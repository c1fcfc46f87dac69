// The tasks of the chaos test of steps, in portions: one is enqueued between two kills.
import type { Api } from '../../../scripts/api.ts';

export const STEPS = 10;
export const EVENTS = 2;

/** One task, and what it does besides its ten steps. */
export interface Load {
  label: string;
  sleeps: boolean;
  waits: boolean;
  fails: boolean;
}

/** Of twelve tasks, six sleep, four wait for events, three fail at their end; each choice comes with each other one. */
export function makeLoads(tasks: number, portions: number): Load[][] {
  const loads = Array.from({ length: tasks }, (_, i) => ({
    label: `task-${i}`,
    sleeps: i % 2 === 0,
    waits: i % 3 === 0,
    fails: i % 4 === 3,
  }));
  const from = (portion: number) => Math.floor((portion * tasks) / portions);
  return Array.from({ length: portions }, (_, i) => loads.slice(from(i), from(i + 1)));
}

/** Enqueues the tasks. Repeated, it enqueues nothing again. Returns their ids, in the same order. */
export async function enqueueLoads(api: Api, loads: readonly Load[], url: string): Promise<string[]> {
  const tasks = loads.map((load) => ({
    name: 'chaos.steps',
    input: { url, ...load },
    options: { idempotency_key: load.label },
  }));
  return (await api.post<{ task_ids: string[] }>('/tasks/batch', { tasks })).body.task_ids;
}
