// Reads the recorded steps of a task.
import type { Engine } from '../engine.ts';
import type { RecordedStep, StepName } from '../steps/step.ts';
import type { Payload } from '../task.ts';
import { Batch, read } from './batch.ts';
import { toPayload } from './rows.ts';
import { STEP_COLUMNS, type StepRow, toStep } from './step-rows.ts';

const STEPS = `SELECT ${STEP_COLUMNS} FROM task_steps WHERE task_id = ?1 ORDER BY position`;

/** All of them, in the order in which they were recorded. Results longer than 2,048 characters are left out. */
export async function readSteps(engine: Engine, taskId: string): Promise<RecordedStep[]> {
  return (await read<StepRow>(engine, STEPS, taskId)).map(toStep);
}

const PAYLOADS =
  'SELECT id, payload FROM events WHERE id IN (SELECT value FROM json_each(?1)) AND length(payload) <= 2048';

/** The payloads of events by their ids; the long ones are left out. */
export async function readPayloads(engine: Engine, eventIds: readonly string[]): Promise<Map<string, string>> {
  const rows = await read<{ id: string; payload: string }>(engine, PAYLOADS, JSON.stringify(eventIds));
  return new Map(rows.map(({ id, payload }) => [id, payload]));
}

const RESULT = 'SELECT result FROM task_steps WHERE task_id = ?1 AND name = ?2 AND occurrence = ?3';

/** The JSON text of a result that `readSteps` left out. */
export async function readLongResult(engine: Engine, taskId: string, step: StepName): Promise<string | undefined> {
  const [row] = await read<{ result: string | null }>(engine, RESULT, taskId, step.name, step.occurrence);
  return row?.result ?? undefined;
}

/** The result of a wait for an event is the payload of that event. */
const WHOLE = `
  SELECT ${STEP_COLUMNS},
    coalesce(result, (SELECT payload FROM events WHERE events.id = event_id)) AS json,
    coalesce(result_key, (SELECT payload_key FROM events WHERE events.id = event_id)) AS payload_key
  FROM task_steps WHERE task_id = ?1 AND name = ?2 AND occurrence = ?3`;

/** One step and its result, however long. */
export async function readWholeStep(
  engine: Engine,
  taskId: string,
  { name, occurrence }: StepName,
): Promise<{ step: RecordedStep; result: Payload | undefined } | undefined> {
  type Row = StepRow & { json: string | null; payload_key: string | null };
  const [row] = await read<Row>(engine, WHOLE, taskId, name, occurrence);
  return row && { step: toStep(row), result: toPayload(row.json, row.payload_key) };
}

const STEP = `SELECT ${STEP_COLUMNS} FROM task_steps WHERE task_id = ?1 AND name = ?2 AND occurrence = ?3`;
const HELD = "SELECT 1 FROM tasks WHERE id = ?1 AND fence = ?2 AND +state = 'STARTED'";

/** One step, if the task is still held under this fence. */
export async function readHeldStep(
  engine: Engine,
  { id, fence }: { id: string; fence: number },
  { name, occurrence }: StepName,
): Promise<RecordedStep | undefined> {
  const batch = new Batch(engine);
  const held = batch.add(HELD, id, fence);
  const found = batch.add<StepRow>(STEP, id, name, occurrence);
  await batch.commit({ repeatable: true });
  const [row] = found.rows;
  return row && held.rows.length > 0 ? toStep(row) : undefined;
}
