// Scenario: a chain of three tasks validates, processes and saves a JSON object.
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  title: 'A chain of three tasks saves a JSON object',
  async run(api, show) {
    const { body } = await api.post<{ task_id: string }>('/process', { name: '  Ada  ', born: 1815 });
    const task = await api.follow(body.task_id, ({ status }) => show(status));
    const { file, summary } = task.result as { file: string; summary: { fields: number } };
    expect(
      file.startsWith('outputs/data/') && summary.fields === 2,
      `a file with 2 fields, got ${JSON.stringify(task.result)}`,
    );
    return { taskId: task.task_id, status: task.status, detail: `It saved ${file.slice(0, 24)}….` };
  },
};
