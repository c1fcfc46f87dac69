// Inserts a workflow and its edges; its tasks are inserted beside them in the same batch.
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

const MEMBERS = `
  INSERT INTO workflow_tasks (workflow_id, task_id, node) SELECT ?2, value ->> 0, value ->> 1 FROM json_each(?1)`;

const WORKFLOW = `
  INSERT INTO workflows (id, result_task_id, total, created_at, name, tags) VALUES (?1, ?2, ?3, ?4, ?5, ?6)`;

const TAGS = 'INSERT INTO workflow_tags (tag, workflow_id) SELECT value, ?2 FROM json_each(?1)';

export function insertWorkflow(batch: Batch, workflow: NewWorkflow, edges: readonly NewEdge[]): void {
  const { id, resultTaskId, members, createdAt, name, tags } = workflow;
  const tagSet = tags.length > 0 ? JSON.stringify(tags) : null;
  batch.add(WORKFLOW, id, resultTaskId, members.length, createdAt, name ?? null, tagSet);
  if (tagSet !== null) batch.add(TAGS, tagSet, id);
  const memberRows = members.map(({ taskId, node }) => JSON.stringify(node === undefined ? [taskId] : [taskId, node]));
  for (const { json } of jsonSets(memberRows)) batch.add(MEMBERS, json, id);
  const rows = edges.map(({ parentId, childId, position, runsOn, label }) =>
    JSON.stringify([parentId, childId, position, runsOn, ...(label === undefined ? [] : [label])]),
  );
  for (const { json } of jsonSets(rows)) batch.add(EDGES, json);
}
