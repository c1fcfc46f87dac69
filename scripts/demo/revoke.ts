// Scenario: a running task is revoked. It stops at once, and its result is discarded.
import { expect, isFinal, type Task } from '../api.ts';
import type { Scenario } from './scenario.ts';

const sleepSeconds = 30;

export const scenario: Scenario = {
  title: 'A running task is revoked',
  async run(api, show) {
    const { body } = await api.post<{ task_id: string }>('/tasks', {
      name: 'demo.sleep',
      input: { seconds: sleepSeconds },
    });
    let running = await api.task(body.task_id);
    for (let tries = 0; running.status !== 'STARTED' && tries < 300; tries++) {
      expect(!isFinal(running), `the task to start, got ${running.status}: ${JSON.stringify(running.error)}`);
      show(running.status);
      running = await api.task(body.task_id);
    }
    expect(running.status === 'STARTED', `STARTED, got ${running.status}`);
    await api.post<Task>(`/tasks/${body.task_id}/revoke`, {});
    const task = await api.follow(body.task_id, ({ status }) => show(status), sleepSeconds / 2);
    expect(task.status === 'REVOKED', `REVOKED, got ${task.status}`);
    return { taskId: task.task_id, status: task.status, detail: 'It stopped while it was running.' };
  },
};
