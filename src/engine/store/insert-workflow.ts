// Inserts workflows and their edges; their tasks are inserted beside them in the same batch.
import type { RunsOn } from '../new-task.ts';
import type { Batch } from './batch.ts';
import { jsonSets } from './json-sets.ts';

export interface NewWorkflow {
  id: string;
  resultTaskId: string;
  /** `node`: the name of the node of a graph that the task belongs to. */
  members: { taskId: string; node: string | undefined }[];
  /** Epoch milliseconds. */
  createdAt: number;
  name: string | undefined;
  tags: readonly string[];
  edges: readonly NewEdge[];
}

export interface NewEdge {
  parentId: string;
  childId: string;
  position: number;
  runsOn: RunsOn;
  label?: string;
}

const EDGES = `
  INSERT INTO edges (parent_id, child_id, position, runs_on, label)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4 FROM json_each(?1)`;

/** A row names its workflow only if that is not ?2: most calls insert one workflow. */
const MEMBERS = `
  INSERT INTO workflow_tasks (workflow_id, task_id, node)
  SELECT coalesce(value ->> 2, ?2), value ->> 0, value ->> 1 FROM json_each(?1)`;

const WORKFLOWS = `
  INSERT INTO workflows (id, result_task_id, total, created_at, name, tags)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, value ->> 4, value ->> 5 FROM json_each(?1)`;

const TAGS = 'INSERT INTO workflow_tags (tag, workflow_id) SELECT value ->> 0, value ->> 1 FROM json_each(?1)';

export function insertWorkflows(batch: Batch, workflows: readonly NewWorkflow[]): void {
  const add = (sql: string, rows: readonly unknown[], ...same: string[]) => {
    for (const { json } of jsonSets(rows.map((row) => JSON.stringify(row)))) batch.add(sql, json, ...same);
  };
  add(
    WORKFLOWS,
    workflows.map(({ id, resultTaskId, members, createdAt, name, tags }) => {
      const all = tags.length > 0 ? JSON.stringify(tags) : null;
      return [id, resultTaskId, members.length, createdAt, name ?? null, all];
    }),
  );
  add(
    TAGS,
    workflows.flatMap(({ id, tags }) => tags.map((tag) => [tag, id])),
  );
  const usual = workflows[0]?.id ?? '';
  add(
    MEMBERS,
    workflows.flatMap((workflow) => memberRows(workflow, usual)),
    usual,
  );
  add(
    EDGES,
    workflows.flatMap(({ edges }) => edges.map(edgeRow)),
  );
}

function memberRows({ id, members }: NewWorkflow, usual: string): unknown[] {
  return members.map(({ taskId, node }) => {
    if (id !== usual) return [taskId, node ?? null, id];
    return node === undefined ? [taskId] : [taskId, node];
  });
}

function edgeRow({ parentId, childId, position, runsOn, label }: NewEdge): unknown[] {
  return [parentId, childId, position, runsOn, ...(label === undefined ? [] : [label])];
}
