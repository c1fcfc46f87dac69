// Inserts a workflow and its edges; its tasks are inserted beside them in the same batch.
import type { RunsOn } from '../new-task.ts';
import type { Batch } from './batch.ts';
import { jsonSets } from './json-sets.ts';

export interface NewWorkflow {
  id: string;
  resultTaskId: string;
  taskIds: string[];
  /** Epoch milliseconds. */
  createdAt: number;
}

export interface NewEdge {
  parentId: string;
  childId: string;
  position: number;
  runsOn: RunsOn;
}

const EDGES = `
  INSERT INTO edges (parent_id, child_id, position, runs_on)
  SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3 FROM json_each(?1)`;

const MEMBERS = 'INSERT INTO workflow_tasks (workflow_id, task_id) SELECT ?2, value FROM json_each(?1)';

const WORKFLOW = 'INSERT INTO workflows (id, result_task_id, total, created_at) VALUES (?1, ?2, ?3, ?4)';

export function insertWorkflow(batch: Batch, workflow: NewWorkflow, edges: readonly NewEdge[]): void {
  const { id, resultTaskId, taskIds, createdAt } = workflow;
  batch.add(WORKFLOW, id, resultTaskId, taskIds.length, createdAt);
  for (const { json } of jsonSets(taskIds.map((taskId) => JSON.stringify(taskId)))) batch.add(MEMBERS, json, id);
  const rows = edges.map((edge) => JSON.stringify([edge.parentId, edge.childId, edge.position, edge.runsOn]));
  for (const { json } of jsonSets(rows)) batch.add(EDGES, json);
}
