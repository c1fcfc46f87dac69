// Reads workflows: one with its tasks and their parents, or a page of them.
import type { Engine } from '../engine.ts';
import type { State } from '../state.ts';
import type { Payload } from '../task.ts';
import { Batch, read } from './batch.ts';
import { matchIds } from './match-text.ts';
import { nest } from './nest.ts';
import { toPayload } from './rows.ts';

/** The status of a workflow; WAITING and RETRY are states of its tasks only. */
export type WorkflowStatus = 'PENDING' | 'STARTED' | 'SUCCESS' | 'FAILURE' | 'REVOKED';

export interface Workflow {
  id: string;
  status: WorkflowStatus;
  done: number;
  total: number;
  resultTaskId: string;
  /** Epoch milliseconds. */
  createdAt: number;
  name: string | undefined;
  tags: string[];
}

export interface WorkflowTask {
  id: string;
  name: string;
  state: State;
  parents: string[];
  /** The name of the node of a graph that it belongs to. */
  node: string | undefined;
  /** True: it is REVOKED because it was not needed. */
  notNeeded: boolean;
}

export interface WholeWorkflow {
  workflow: Workflow;
  /** The result task's result; undefined until it is SUCCESS. */
  result: Payload | undefined;
  tasks: WorkflowTask[];
}

interface WorkflowRow {
  id: string;
  done: number;
  total: number;
  resultTaskId: string;
  createdAt: number;
  name: string | null;
  tags: string | null;
  resultState: State;
}

interface MemberRow extends Pick<WorkflowTask, 'id' | 'name' | 'state'> {
  parents: string;
  node: string | null;
  notNeeded: number | null;
}

interface WholeRow extends WorkflowRow {
  result: string | null;
  resultKey: string | null;
}

const COLUMNS = `workflows.id, done, total, result_task_id AS resultTaskId, workflows.created_at AS createdAt,
  workflows.name, workflows.tags, tasks.state AS resultState`;

const WITH_RESULT_TASKS = 'FROM workflows JOIN tasks ON tasks.id = result_task_id';

const ONE = `SELECT ${COLUMNS}, tasks.result, tasks.result_key AS resultKey ${WITH_RESULT_TASKS} WHERE workflows.id = ?1`;

const page = (ids: string) => `
  SELECT ${COLUMNS} FROM (${ids} ORDER BY id DESC LIMIT ?2) AS page
  JOIN workflows ON workflows.id = page.id JOIN tasks ON tasks.id = result_task_id ORDER BY page.id DESC`;

const MEMBERS = `
  SELECT tasks.id, name, state, node, state = 'REVOKED' AND error ->> 'code' = 'not_needed' AS notNeeded,
         (SELECT json_group_array(parent_id) FROM (SELECT parent_id FROM edges WHERE child_id = tasks.id ORDER BY position)) AS parents
  FROM workflow_tasks JOIN tasks ON tasks.id = task_id WHERE workflow_tasks.workflow_id = ?1 ORDER BY task_id LIMIT ?2`;

/** The workflow and its first `limit` tasks, in the order of the description; undefined when there is none. */
export async function getWorkflow(engine: Engine, id: string, limit: number): Promise<WholeWorkflow | undefined> {
  const batch = new Batch(engine);
  const found = batch.add<WholeRow>(ONE, id);
  const members = batch.add<MemberRow>(MEMBERS, id, limit);
  await batch.commit({ repeatable: true });
  const [row] = found.rows;
  if (!row) return undefined;
  return {
    workflow: toWorkflow(row),
    result: toPayload(row.result, row.resultKey),
    tasks: members.rows.map(({ parents, node, notNeeded, ...task }) => ({
      ...task,
      parents: JSON.parse(parents) as string[],
      node: node ?? undefined,
      notNeeded: notNeeded === 1,
    })),
  };
}

export interface WorkflowFilter {
  /** The beginning or the end of an id. */
  idPart?: string | undefined;
  name?: string | undefined;
  tag?: string | undefined;
}

/** Newest first, below the id `before`. */
export async function listWorkflows(
  engine: Engine,
  limit: number,
  before: string | undefined,
  { idPart, name, tag }: WorkflowFilter = {},
): Promise<Workflow[]> {
  const ways = matchIds('workflows', idPart === undefined ? [] : [idPart.toLowerCase()]);
  if (ways.length === 0) return [];
  const values: (string | number)[] = [before ?? 'g', limit];
  const bind = (value: string) => `?${values.push(value)}`;
  const ofName = name === undefined ? [] : [`name = ${bind(name)}`];
  // With a tag, the rows of tags yield the ids in order, and each workflow is looked at.
  const source =
    tag === undefined
      ? 'workflows'
      : `(SELECT workflow_id AS id FROM workflow_tags WHERE tag = ${bind(tag)} AND workflow_id < ?1) AS tagged`;
  const named = ofName.map((condition) =>
    tag === undefined ? condition : `EXISTS (SELECT 1 FROM workflows WHERE workflows.id = tagged.id AND ${condition})`,
  );
  const ids = ways.map((way) => `SELECT id FROM ${source} WHERE ${['id < ?1', ...named, ...way].join(' AND ')}`);
  return (await read<WorkflowRow>(engine, page(nest(ids, 'id')), ...values)).map(toWorkflow);
}

function toWorkflow({ resultState, name, tags, ...row }: WorkflowRow): Workflow {
  const { id, done, total, resultTaskId, createdAt } = row;
  const status = statusOf(resultState, done);
  return { id, status, done, total, resultTaskId, createdAt, name: name ?? undefined, tags: JSON.parse(tags ?? '[]') };
}

/** The result task's state, once that is final. */
function statusOf(resultState: State, done: number): WorkflowStatus {
  if (resultState === 'SUCCESS' || resultState === 'FAILURE' || resultState === 'REVOKED') return resultState;
  return done > 0 || resultState === 'STARTED' ? 'STARTED' : 'PENDING';
}
