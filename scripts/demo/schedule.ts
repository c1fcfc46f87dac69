// Scenario: a schedule is created over HTTP, lists its next times, enqueues a task, and is deleted.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

interface Page {
  items: { task_id: string }[];
}

const WAIT_SECONDS = 30;

export const scenario: Scenario = {
  title: 'A schedule enqueues a task every 2 seconds',
  async run(api, show) {
    const name = 'demo-every-two-seconds';
    const since = new Date().toISOString();
    await api.call('POST', '/schedules', { name, task: 'demo.add', input: { a: 20, b: 22 }, every: 2 });
    const next = await api.get<{ items: string[] }>(`/schedules/${name}/next?count=10`);
    expect(next.items.length === 10, `10 future times, got ${next.items.length}`);
    show('waiting for its first task');
    // A maintenance run enqueues the tasks of the next minute, so the newest one is due last.
    let taskId: string | undefined;
    for (let second = 0; taskId === undefined && second < WAIT_SECONDS; second++) {
      await sleep(1000);
      const { items } = await api.get<Page>(`/tasks?name=demo.add&status=SUCCESS&since=${since}`);
      taskId = items.at(-1)?.task_id;
    }
    expect(taskId !== undefined, `the schedule to run a task within ${WAIT_SECONDS} s`);
    const task = await api.follow(taskId, ({ status }) => show(status));
    const { sum } = task.result as { sum: number };
    expect(sum === 42, `the sum 42, got ${sum}`);
    const { status } = await api.call('DELETE', `/schedules/${name}`);
    expect(status === 204, `status 204, got ${status}`);
    return { taskId, status: task.status, detail: 'It enqueued a task and listed its next 10 times.' };
  },
};
