// Reads workflows: one with its tasks and their parents, or a page of them.
import type { Engine } from '../engine.ts';
import type { State } from '../state.ts';
import { commit, read } from './commit.ts';
import { type Payload, toPayload } from './rows.ts';

/** Of a workflow; WAITING and RETRY are states of its tasks only. */
export type WorkflowStatus = 'PENDING' | 'STARTED' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

export interface Workflow {
  id: string;
  status: WorkflowStatus;
  done: number;
  total: number;
  resultTaskId: string;
  /** Epoch milliseconds. */
  createdAt: number;
}

export interface WorkflowTask {
  id: string;
  name: string;
  state: State;
  parents: string[];
}

export interface WholeWorkflow {
  workflow: Workflow;
  /** Its result task's; undefined until SUCCESS. */
  result: Payload | undefined;
  tasks: WorkflowTask[];
}

interface WorkflowRow {
  id: string;
  done: number;
  total: number;
  resultTaskId: string;
  createdAt: number;
  resultState: State;
}

interface WholeRow extends WorkflowRow {
  result: string | null;
  resultKey: string | null;
}

const COLUMNS = `workflows.id, done, total, result_task_id AS resultTaskId, workflows.created_at AS createdAt,
  tasks.state AS resultState`;

const WITH_RESULT_TASKS = 'FROM workflows JOIN tasks ON tasks.id = result_task_id';

const ONE = `SELECT ${COLUMNS}, tasks.result, tasks.result_key AS resultKey ${WITH_RESULT_TASKS} WHERE workflows.id = ?1`;

const PAGE = `SELECT ${COLUMNS} ${WITH_RESULT_TASKS} WHERE workflows.id < ?1 ORDER BY workflows.id DESC LIMIT ?2`;

const MEMBERS = `
  SELECT tasks.id, name, state,
         (SELECT json_group_array(parent_id) FROM (SELECT parent_id FROM edges WHERE child_id = tasks.id ORDER BY position)) AS parents
  FROM workflow_tasks JOIN tasks ON tasks.id = task_id WHERE workflow_tasks.workflow_id = ?1 ORDER BY task_id LIMIT ?2`;

/** The workflow and its first `limit` tasks, in the order of the description; undefined when there is none. */
export async function getWorkflow(engine: Engine, id: string, limit: number): Promise<WholeWorkflow | undefined> {
  const [found, members] = await commit(
    engine,
    [engine.db.prepare(ONE).bind(id), engine.db.prepare(MEMBERS).bind(id, limit)],
    { repeatable: true },
  );
  const [row] = (found?.results ?? []) as WholeRow[];
  if (!row) return undefined;
  const tasks = (members?.results ?? []) as { id: string; name: string; state: State; parents: string }[];
  return {
    workflow: toWorkflow(row),
    result: toPayload(row.result, row.resultKey),
    tasks: tasks.map((task) => ({ ...task, parents: JSON.parse(task.parents) as string[] })),
  };
}

/** Newest first, below the id `before`. */
export async function listWorkflows(engine: Engine, limit: number, before: string | undefined): Promise<Workflow[]> {
  const query = engine.db.prepare(PAGE);
  return (await read<WorkflowRow>(engine, query.bind(before ?? 'g', limit))).map(toWorkflow);
}

function toWorkflow({ id, done, total, resultTaskId, createdAt, resultState }: WorkflowRow): Workflow {
  return { id, done, total, resultTaskId, createdAt, status: statusOf(resultState, done) };
}

/** As its result task's, once that is final. */
function statusOf(resultState: State, done: number): WorkflowStatus {
  if (resultState === 'SUCCESS' || resultState === 'FAILURE' || resultState === 'REVOKED') return resultState;
  return done > 0 || resultState === 'STARTED' ? 'STARTED' : 'PENDING';
}
