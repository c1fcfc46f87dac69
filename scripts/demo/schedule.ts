// Scenario: a schedule is created over HTTP, lists its next times, enqueues a task, and is deleted.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

interface Schedule {
  last_task_id: string | null;
}

const WAIT_SECONDS = 30;

export const scenario: Scenario = {
  title: 'A schedule enqueues a task every 2 seconds',
  async run(api, show) {
    const name = 'demo-every-two-seconds';
    await api.call('POST', '/schedules', { name, task: 'demo.add', input: { a: 20, b: 22 }, every: 2 });
    const next = await api.get<{ items: string[] }>(`/schedules/${name}/next?count=10`);
    expect(next.items.length === 10, `10 future times, got ${next.items.length}`);
    show('waiting for its first task');
    let taskId: string | null = null;
    for (let second = 0; taskId === null && second < WAIT_SECONDS; second++) {
      await sleep(1000);
      taskId = (await api.get<Schedule>(`/schedules/${name}`)).last_task_id;
    }
    expect(taskId !== null, `the schedule to enqueue a task within ${WAIT_SECONDS} s`);
    const task = await api.follow(taskId, ({ status }) => show(status));
    const { sum } = task.result as { sum: number };
    expect(sum === 42, `the sum 42, got ${sum}`);
    const { status } = await api.call('DELETE', `/schedules/${name}`);
    expect(status === 204, `status 204, got ${status}`);
    return { taskId, status: task.status, detail: 'It enqueued a task and listed its next 10 times.' };
  },
};
