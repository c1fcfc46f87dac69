// Scenario: the seed's chain. JSON is validated, processed and saved, each by a task; the file holds what came out.
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

export const scenario: Scenario = {
  what: 'A chain: validate, process, save',
  async run(api, show) {
    const { body } = await api.post<{ task_id: string }>('/process', { name: '  Ada  ', born: 1815 });
    const task = await api.follow(body.task_id, ({ status }) => show(status));
    const { file, summary } = task.result as { file: string; summary: { fields: number } };
    expect(
      file.startsWith('outputs/data/') && summary.fields === 2,
      `two fields in a file: ${JSON.stringify(task.result)}`,
    );
    return { taskId: task.task_id, status: task.status, detail: file.slice(0, 24) };
  },
};
