// Scenario: one request enqueues 10,000 tasks. Measures the time until all have succeeded.
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

const count = 10_000;
const samples = 20;
const timeoutSeconds = 60;

export const scenario: Scenario = {
  title: `${count.toLocaleString('en')} tasks in one request`,
  async run(api, show) {
    const tasks = Array.from({ length: count }, (_, i) => ({ name: 'demo.echo', input: { value: i } }));
    const startedAt = performance.now();
    const { status, body } = await api.post<{ batch_id: string; task_ids: string[] }>('/tasks/batch', { tasks });
    expect(status === 202 && body.task_ids.length === count, `status 202 with ${count} ids, got ${status}`);
    show('accepted');
    const sample = body.task_ids.filter((_, i) => i % (count / samples) === 0 || i === count - 1);
    while (await anyOpen(api)) {
      expect(performance.now() - startedAt < timeoutSeconds * 1000, `all tasks to end within ${timeoutSeconds} s`);
      const done = (await Promise.all(sample.map((id) => api.task(id)))).filter((task) => task.status === 'SUCCESS');
      show(`about ${Math.round((100 * done.length) / sample.length)} % have succeeded`);
      await wait(50);
    }
    const seconds = (performance.now() - startedAt) / 1000;
    for (const id of sample) {
      const task = await api.task(id);
      const value = body.task_ids.indexOf(id);
      const isCorrect = task.status === 'SUCCESS' && (task.result as { value: number }).value === value;
      expect(isCorrect, `task ${value} to return its value, got ${task.status} ${JSON.stringify(task.result)}`);
    }
    expect(!(await api.any('FAILURE', '&name=demo.echo')), 'no task to fail');
    const last = sample.at(-1) ?? '';
    return {
      taskId: last,
      status: 'SUCCESS',
      detail: `The Worker ran ${Math.round(count / seconds).toLocaleString('en')} tasks per second.`,
    };
  },
};

async function anyOpen(api: Api): Promise<boolean> {
  for (const status of ['PENDING', 'STARTED', 'RETRY']) if (await api.any(status, '&name=demo.echo')) return true;
  return false;
}
