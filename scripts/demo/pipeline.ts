// Scenario: a data pipeline is a graph that a schedule starts every day. A backfill runs the days that it missed, each once. On one of
// them the last node fails. It is retried, and the nodes before it keep their results.
import { setTimeout as wait } from 'node:timers/promises';
import { type Api, expect, type Task } from '../api.ts';
import type { Scenario } from './scenario.ts';

interface Workflow {
  workflow_id: string;
  status: string;
  result: { load: { table: string; rows: number } } | null;
  result_task_id: string;
  tasks: { task_id: string; node: string | null; status: string }[];
}

type Show = (text: string) => void;

const NAME = 'demo-sales';
const DAYS = 3;
const DAY_MS = 86_400_000;
const MOST_LOOKS = 600;

const pipeline = (day: string) => ({
  ...{ name: NAME, tags: ['etl'] },
  dag: {
    extract: { name: 'demo.extract', input: { day } },
    check: { name: 'demo.check', after: ['extract'] },
    transform: { name: 'demo.transform', after: ['extract'] },
    load: { name: 'demo.load', after: ['check', 'transform'] },
  },
});

export const scenario: Scenario = {
  title: `A pipeline as a graph is backfilled for ${DAYS} days`,
  async run(api, show) {
    // Half a day from now: the schedule does not fire by itself while the scenario runs.
    const firesAt = new Date(Date.now() + DAY_MS / 2);
    const times = Array.from({ length: DAYS }, (_, index) => hourOf(firesAt.getTime() - (index + 1) * DAY_MS));
    const [closed = '', ...open] = times.map((at) => at.slice(0, 10));
    for (const day of open) await openWarehouse(api, day);
    const cron = `0 ${firesAt.getUTCHours()} * * *`;
    await api.post('/schedules', { name: NAME, cron, workflow: pipeline('{{scheduled_date}}') });
    const range = { from: times.at(-1), to: times[0] };
    expect((await backfill(api, range, show)) === DAYS, `${DAYS} workflows of the backfill`);
    const [failed] = await untilEnded(api, show);
    expect((await backfill(api, range, show)) === 0, 'no workflow of a second backfill');
    expect(nodesOf(failed, 'FAILURE') === 'load', `only load to fail, got ${nodesOf(failed, 'FAILURE')}`);
    const { status, result, result_task_id: taskId } = await retryLoad(api, failed, closed, show);
    expect(status === 'SUCCESS' && result !== null, `the retried workflow to succeed, got ${status}`);
    await api.call('DELETE', `/schedules/${NAME}`);
    const { rows, table } = result.load;
    const detail = `Each day ran once. One failed at load and was retried from there: ${table} has ${rows} rows.`;
    return { taskId, status, detail };
  },
};

const hourOf = (at: number) => new Date(at - (at % 3_600_000)).toISOString();

/** The node load waits for this event. */
const openWarehouse = (api: Api, day: string) => api.post('/events', { type: 'warehouse.opened', key: day });

/** Returns the number of workflows that it has enqueued. */
async function backfill(api: Api, range: object, show: Show): Promise<number> {
  const { body } = await api.post<{ task_id: string }>(`/schedules/${NAME}/backfill`, range);
  const task = await api.follow(body.task_id, ({ status }) => show(`backfill ${status}`));
  return (task.result as { enqueued: number }).enqueued;
}

/** The workflow that failed. The others have succeeded. */
async function untilEnded(api: Api, show: Show): Promise<[failed: Workflow]> {
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const { items } = await api.get<{ items: Workflow[] }>(`/workflows?name=${NAME}&tag=etl`);
    const states = items.map(({ status }) => status);
    const ended = states.filter((status) => status === 'SUCCESS' || status === 'FAILURE');
    show(`${ended.length} of ${DAYS} days have ended`);
    if (ended.length === items.length) {
      expect(states.toSorted().join() === 'FAILURE,SUCCESS,SUCCESS', `1 of ${DAYS} days to fail, got ${states}`);
      const failed = items.find(({ status }) => status === 'FAILURE');
      return [await api.get<Workflow>(`/workflows/${failed?.workflow_id}`)];
    }
    await wait(100);
  }
  throw new Error(`Expected ${DAYS} workflows to end.`);
}

function nodesOf({ tasks }: Workflow, state: string): string {
  return tasks.flatMap(({ node, status }) => (node !== null && status === state ? node : [])).join();
}

/** Retries the failed node. Checks that no other node ran again. */
async function retryLoad(api: Api, { workflow_id: id, tasks }: Workflow, day: string, show: Show): Promise<Workflow> {
  const extractId = tasks.find(({ node }) => node === 'extract')?.task_id ?? '';
  const before: Task = await api.task(extractId);
  await openWarehouse(api, day);
  await api.post(`/workflows/${id}/retry`, {});
  const loadId = tasks.find(({ node }) => node === 'load')?.task_id ?? '';
  await api.follow(loadId, ({ status }) => show(`load of ${day}: ${status}`));
  const { attempts, finished_at } = await api.task(extractId);
  expect(attempts === 1 && finished_at === before.finished_at, 'the node extract to keep its result');
  for (let looks = 0; looks < MOST_LOOKS; looks++) {
    const workflow = await api.get<Workflow>(`/workflows/${id}`);
    if (workflow.status !== 'STARTED') return workflow;
    await wait(100);
  }
  throw new Error('Expected the retried workflow to end.');
}
