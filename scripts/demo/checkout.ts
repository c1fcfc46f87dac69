// Scenario: a checkout in steps waits for a person. One order is approved and shipped; another one is rejected, and what was done
// for it is undone.
import { type Api, expect } from '../api.ts';
import type { Scenario } from './scenario.ts';

interface Step {
  name: string;
  kind: string;
  outcome: string;
  undo: { outcome: string } | null;
}

export const scenario: Scenario = {
  title: 'A checkout waits for approval',
  async run(api, show) {
    const [shipped, rejected] = [await order(api, 'A-1', true, show), await order(api, 'A-2', false, show)];
    expect(shipped.task.status === 'SUCCESS', `the approved order to succeed, got ${shipped.task.status}`);
    expect(rejected.task.status === 'FAILURE', `the rejected order to fail, got ${rejected.task.status}`);
    const undone = rejected.steps.filter(({ undo }) => undo?.outcome === 'done').map(({ name }) => name);
    expect(undone.join() === 'reserve,charge', `reserve and charge to be undone, got ${undone.join() || 'nothing'}`);
    const { task_id: taskId, status } = shipped.task;
    return { taskId, status, detail: 'One order was shipped. One was rejected: its charge and goods were given back.' };
  },
};

/** Enqueues a checkout, decides when it waits for a person, and follows it to its end. */
async function order(api: Api, name: string, approved: boolean, show: (text: string) => void) {
  const input = { order: name, total: 12.5 };
  const { body } = await api.post<{ task_id: string }>('/tasks', { name: 'demo.checkout', input });
  const stepsOf = async () => (await api.get<{ items: Step[] }>(`/tasks/${body.task_id}/steps`)).items;
  for (let tries = 0; !(await stepsOf()).some(({ kind }) => kind === 'approval'); tries++) {
    expect(tries < 300, `the order ${name} to ask for approval`);
    show(`order ${name}: ${(await stepsOf()).length} steps`);
  }
  await api.post(`/tasks/${body.task_id}/approvals`, { step: 'approve', approved });
  const task = await api.follow(body.task_id, ({ status }) => show(`order ${name}: ${status}`));
  return { task, steps: await stepsOf() };
}
