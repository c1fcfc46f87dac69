// Scenario: a task fails twice, is retried each time after 1 second, and then succeeds.
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'A task that fails twice and then succeeds',
  async run(api, show) {
    const { body } = await api.post<{ task_id: string }>('/tasks', { name: 'demo.flaky', input: { failures: 2 } });
    const task = await api.follow(body.task_id, ({ status, attempts }) => show(`${status}, attempt ${attempts}`));
    expect(task.status === 'SUCCESS', `SUCCESS, got ${task.status}: ${JSON.stringify(task.error)}`);
    const { attempts } = task.result as { attempts: number };
    expect(attempts === 3 && task.attempts === 3, `3 attempts, got ${attempts} (result) and ${task.attempts} (task)`);
    return { taskId: task.task_id, status: task.status, detail: 'It took 3 attempts.' };
  },
};
