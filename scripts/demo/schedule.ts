// Scenario: a schedule made over HTTP fires by itself, tells its next times, and is deleted again.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

interface Schedule {
  last_task_id: string | null;
}

const WAIT_SECONDS = 30;

export const scenario: Scenario = {
  what: 'A schedule, every two seconds',
  async run(api, show) {
    const name = 'demo-every-two-seconds';
    await api.call('POST', '/schedules', { name, task: 'demo.add', input: { a: 20, b: 22 }, every: 2 });
    const next = await api.get<{ items: string[] }>(`/schedules/${name}/next?count=10`);
    expect(next.items.length === 10, 'ten times to come');
    show('waiting for it to fire');
    let taskId: string | null = null;
    for (let second = 0; taskId === null && second < WAIT_SECONDS; second++) {
      await sleep(1000);
      taskId = (await api.get<Schedule>(`/schedules/${name}`)).last_task_id;
    }
    expect(taskId !== null, `it fired within ${WAIT_SECONDS} s`);
    const task = await api.follow(taskId, ({ status }) => show(status));
    const { sum } = task.result as { sum: number };
    expect(sum === 42, `42, not ${sum}`);
    const { status } = await api.call('DELETE', `/schedules/${name}`);
    expect(status === 204, `204, not ${status}`);
    return { taskId, status: task.status, detail: 'fired by itself, ten next times known' };
  },
};
