// Scenario: 60 tasks of a definition with a rate limit of 20 per second. In any second, at most 21 of them start.
import { expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

const TASKS = 60;
const PER_SECOND = 20;

interface Page {
  items: { task_id: string; status: string; attempts: number; started_at: string }[];
}

export const scenario: Scenario = {
  title: `${TASKS} tasks with a rate limit of ${PER_SECOND} per second`,
  async run(api, show) {
    const tasks = Array.from({ length: TASKS }, (_, value) => ({ name: 'demo.limited', input: { value } }));
    const { body } = await api.post<{ task_ids: string[] }>('/tasks/batch', { tasks });
    const last = body.task_ids.at(-1) ?? '';
    show('accepted');
    for (const [index, id] of body.task_ids.entries())
      await api.follow(id, () => show(`${index} of ${TASKS} have ended`));
    const { items } = await api.get<Page>(`/tasks?name=demo.limited&status=SUCCESS&limit=${TASKS}`);
    expect(items.length === TASKS, `${TASKS} successful tasks, got ${items.length}`);
    expect(
      items.every(({ attempts }) => attempts === 1),
      '1 attempt for each task',
    );
    const starts = items.map(({ started_at }) => Date.parse(started_at)).sort((a, b) => a - b);
    const most = Math.max(...starts.map((from) => starts.filter((at) => at >= from && at < from + 1000).length));
    expect(most <= PER_SECOND + 1, `at most ${PER_SECOND + 1} starts in any second, got ${most}`);
    const seconds = ((starts.at(-1) ?? 0) - (starts[0] ?? 0)) / 1000;
    return {
      taskId: last,
      status: 'SUCCESS',
      detail: `They started within ${seconds.toFixed(1)} s, at most ${most} in any second.`,
    };
  },
};
