// Scenario: fire and forget. The answer comes at once, the work goes on after it, and still has an id and a status.
import { expect } from '../api.ts';
import { duration } from '../terminal.ts';
import type { Scenario } from './scenario.ts';

/** The work takes a second: an answer that waited for it could not come so soon. */
const atOnceMs = 700;

export const scenario: Scenario = {
  what: 'Fire and forget, with progress',
  async run(api, show) {
    const startedAt = performance.now();
    const { body } = await api.post<{ task_id: string }>('/tasks', {
      name: 'demo.sleep',
      input: { seconds: 1, steps: 5 },
      options: { background: true },
    });
    const answeredMs = performance.now() - startedAt;
    expect(answeredMs < atOnceMs, `an answer within ${atOnceMs} ms, not ${Math.round(answeredMs)} ms`);
    const seen = new Set<number>();
    const task = await api.follow(body.task_id, ({ status, progress }) => {
      const percent = progress?.percent ?? undefined;
      if (percent !== undefined) seen.add(percent);
      show(`${status}${percent === undefined ? '' : ` ${percent} %`}`);
    });
    expect(task.status === 'SUCCESS', `SUCCESS, not ${task.status}: ${JSON.stringify(task.error)}`);
    expect(seen.size > 0, 'progress to be visible');
    return { taskId: task.task_id, status: task.status, detail: `answered in ${duration(answeredMs)}` };
  },
};
