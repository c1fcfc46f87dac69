// The statements that insert a workflow and its edges; its tasks are inserted beside them.
import type { RunsOn } from '../canvas/graph.ts';
import type { Engine } from '../engine.ts';
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

export function insertWorkflow(
  engine: Engine,
  workflow: NewWorkflow,
  edges: readonly NewEdge[],
): D1PreparedStatement[] {
  const { id, resultTaskId, taskIds, createdAt } = workflow;
  const rows = edges.map((edge) => JSON.stringify([edge.parentId, edge.childId, edge.position, edge.runsOn]));
  return [
    engine.db
      .prepare('INSERT INTO workflows (id, result_task_id, total, created_at) VALUES (?1, ?2, ?3, ?4)')
      .bind(id, resultTaskId, taskIds.length, createdAt),
    ...jsonSets(taskIds.map((taskId) => JSON.stringify(taskId))).map(({ json }) =>
      engine.db.prepare(MEMBERS).bind(json, id),
    ),
    ...jsonSets(rows).map(({ json }) => engine.db.prepare(EDGES).bind(json)),
  ];
}
