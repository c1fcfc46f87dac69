// Scenario: a chord of 1,000 tasks. Its body runs once and receives all results in order.
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

const MEMBERS = 1000;

export const scenario: Scenario = {
  title: 'A chord of 1,000 tasks and its body',
  async run(api, show) {
    const header = Array.from({ length: MEMBERS }, (_, a) => ({ task: 'demo.add', input: { a, b: 0 } }));
    const { body } = await api.post<{ workflow_id: string; task_ids: string[] }>('/workflows', {
      chord: { header, body: { task: 'canvas.gather' } },
    });
    const bodyId = body.task_ids.at(-1) ?? '';
    show('accepted');
    const task = await api.follow(bodyId, ({ status }) => show(`the body is ${status}`));
    const sums = (task.result as { sum: number }[]).map(({ sum }) => sum);
    expect(
      sums.length === MEMBERS && sums.every((sum, index) => sum === index),
      `${MEMBERS} results in order, got ${sums.length}`,
    );
    return {
      taskId: bodyId,
      status: task.status,
      detail: `The body received ${MEMBERS.toLocaleString('en')} results in order.`,
    };
  },
};
