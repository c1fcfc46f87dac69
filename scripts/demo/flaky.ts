// Scenario: a task that fails twice is retried, with a growing delay, and then succeeds.
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  what: 'A task that fails twice and then succeeds',
  async run(api, show) {
    const { body } = await api.post<{ task_id: string }>('/tasks', { name: 'demo.flaky', input: { failures: 2 } });
    const task = await api.follow(body.task_id, ({ status, attempts }) => show(`${status}, ${attempts} attempts`));
    expect(task.status === 'SUCCESS', `SUCCESS, not ${task.status}: ${JSON.stringify(task.error)}`);
    const { attempts } = task.result as { attempts: number };
    expect(attempts === 3 && task.attempts === 3, `3 attempts, not ${attempts} (task: ${task.attempts})`);
    return { taskId: task.task_id, status: task.status, detail: '3 attempts' };
  },
};
