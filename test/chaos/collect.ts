// What the API says after the test, for the checks of invariants.ts and recovery.ts.
import type { Api, Task } from '../../scripts/api.ts';

export const OPEN = ['PENDING', 'STARTED', 'RETRY', 'WAITING'];
const AT_ONCE = 8;

export interface Attempt {
  outcome: string;
  startedAt: number;
  finishedAt: number | undefined;
  /** How many tasks shared its call. Absent: it ran in no batch. */
  batchOf?: number | undefined;
}

export interface Workflow {
  status: string;
  /** The parents of each of its tasks. */
  parents: Map<string, string[]>;
}

export interface Schedule {
  name: string;
  task: string;
  cron: string | null;
  every: number | null;
  skipped: number;
  createdAt: number;
  lastRunAt: number;
}

export interface Facts {
  tasks: Map<string, Task>;
  attempts: Map<string, Attempt[]>;
  /** Inputs and results, of the tasks of `DETAILED` only. */
  details: Map<string, { input: Record<string, unknown>; result: Record<string, unknown> | null }>;
  workflows: Map<string, Workflow>;
  schedules: Schedule[];
  /** By the name of the definition: how many tasks ended so, as the statistics count them. */
  counted: Map<string, { succeeded: number; failed: number }>;
}

/** Definitions whose inputs, results and attempts the checks need. */
const DETAILED = ['demo.flaky', 'demo.two_at_once', 'demo.limited', 'demo.push'];

/** `withAttempts`: the tasks whose attempts are needed, besides those of `DETAILED`. */
export async function collect(
  api: Api,
  { withAttempts, workflowIds, since }: { withAttempts: string[]; workflowIds: string[]; since: number },
): Promise<Facts> {
  const tasks = new Map((await api.all('')).map((task) => [task.task_id, task]));
  const detailed = [...tasks.values()].filter(({ name }) => DETAILED.includes(name)).map(({ task_id }) => task_id);
  const ids = [...new Set([...detailed, ...withAttempts])].filter((id) => tasks.has(id));
  return {
    tasks,
    attempts: new Map(await atOnce(ids, async (id) => [id, await readAttempts(api, id)] as const)),
    details: new Map(await atOnce(detailed, async (id) => [id, await readDetails(api, id)] as const)),
    workflows: new Map(await atOnce(workflowIds, async (id) => [id, await readWorkflow(api, id)] as const)),
    schedules: await readSchedules(api),
    counted: await readCounts(api, since),
  };
}

/** The tasks that are not final. */
export async function openTasks(api: Api): Promise<Task[]> {
  return (await Promise.all(OPEN.map((status) => api.all(`status=${status}`)))).flat();
}

async function readAttempts(api: Api, id: string): Promise<Attempt[]> {
  const { items } = await api.get<{
    items: { outcome: string; started_at: string; finished_at: string | null; batch: { tasks: number } | null }[];
  }>(`/tasks/${id}/attempts`);
  return items.map(({ outcome, started_at, finished_at, batch }) => ({
    outcome,
    startedAt: Date.parse(started_at),
    finishedAt: finished_at === null ? undefined : Date.parse(finished_at),
    batchOf: batch?.tasks,
  }));
}

async function readDetails(api: Api, id: string) {
  const { input, result } = await api.get<{
    input: Record<string, unknown>;
    result: Record<string, unknown> | null;
  }>(`/tasks/${id}`);
  return { input, result };
}

async function readWorkflow(api: Api, id: string): Promise<Workflow> {
  const found = await api.get<{ status: string; tasks: { task_id: string; parents: string[] }[] }>(`/workflows/${id}`);
  return { status: found.status, parents: new Map(found.tasks.map(({ task_id, parents }) => [task_id, parents])) };
}

async function readSchedules(api: Api): Promise<Schedule[]> {
  type Row = Pick<Schedule, 'name' | 'task' | 'cron' | 'every' | 'skipped'>;
  const { items } = await api.get<{
    items: (Row & { source: string; created_at: string; last_run_at: string | null })[];
  }>('/schedules');
  return items
    .filter(({ source }) => source === 'api')
    .map(({ created_at, last_run_at, source: _, ...row }) => ({
      ...row,
      createdAt: Date.parse(created_at),
      lastRunAt: last_run_at === null ? 0 : Date.parse(last_run_at),
    }));
}

async function readCounts(api: Api, since: number): Promise<Facts['counted']> {
  const { definitions } = await api.get<{ definitions: { name: string; succeeded: number; failed: number }[] }>(
    `/stats?since=${new Date(since).toISOString()}`,
  );
  const counted: Facts['counted'] = new Map();
  for (const { name, succeeded, failed } of definitions) {
    const known = counted.get(name) ?? { succeeded: 0, failed: 0 };
    counted.set(name, { succeeded: known.succeeded + succeeded, failed: known.failed + failed });
  }
  return counted;
}

/** Runs `work` for each item, a few at a time. */
async function atOnce<Item, Result>(items: Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let from = 0; from < items.length; from += AT_ONCE)
    results.push(...(await Promise.all(items.slice(from, from + AT_ONCE).map(work))));
  return results;
}
