// Scenario: a background task. The API replies before the work ends, and the task still has an id and a state.
import { expect } from '../api.ts';
import { duration } from '../terminal.ts';
import type { Scenario } from './scenario.ts';

/** The work takes 1 second. A reply within this time cannot have waited for it. */
const maxReplyMs = 700;

export const scenario: Scenario = {
  title: 'A background task reports its progress',
  async run(api, show) {
    const startedAt = performance.now();
    const { body } = await api.post<{ task_id: string }>('/tasks', {
      name: 'demo.sleep',
      input: { seconds: 1, steps: 5 },
      options: { background: true },
    });
    const replyMs = performance.now() - startedAt;
    expect(replyMs < maxReplyMs, `a reply within ${maxReplyMs} ms, got ${Math.round(replyMs)} ms`);
    const seen = new Set<number>();
    const task = await api.follow(body.task_id, ({ status, progress }) => {
      const percent = progress?.percent ?? undefined;
      if (percent !== undefined) seen.add(percent);
      show(`${status}${percent === undefined ? '' : ` ${percent} %`}`);
    });
    expect(task.status === 'SUCCESS', `SUCCESS, got ${task.status}: ${JSON.stringify(task.error)}`);
    expect(seen.size > 0, 'at least one progress value before the end, got none');
    return { taskId: task.task_id, status: task.status, detail: `The API replied after ${duration(replyMs)}.` };
  },
};
