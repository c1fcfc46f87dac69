// Which payloads the rows of tasks, steps and events name.
import type { Engine } from '../engine.ts';
import { taskIdOf } from '../payloads.ts';
import { Batch } from './batch.ts';

const NAMED = `
  SELECT input_key AS inputKey, result_key AS resultKey FROM tasks
  WHERE id IN (SELECT value FROM json_each(?1)) AND (input_key IS NOT NULL OR result_key IS NOT NULL)`;

const NAMED_BY_STEPS = `
  SELECT result_key AS key FROM task_steps
  WHERE task_id IN (SELECT value FROM json_each(?1)) AND result_key IS NOT NULL`;

const NAMED_BY_EVENTS = `
  SELECT payload_key AS key FROM events
  WHERE payload_key IN (SELECT value FROM json_each(?1)) AND payload_key IS NOT NULL`;

/** The payload keys that a row names, of the tasks that these payload keys belong to. */
export async function findNamedPayloads(engine: Engine, payloadKeys: readonly string[]): Promise<Set<string>> {
  const ids = [...new Set(payloadKeys.map(taskIdOf))];
  const batch = new Batch(engine);
  const tasks = batch.add<{ inputKey: string | null; resultKey: string | null }>(NAMED, JSON.stringify(ids));
  const steps = batch.add<{ key: string }>(NAMED_BY_STEPS, JSON.stringify(ids));
  const events = batch.add<{ key: string }>(NAMED_BY_EVENTS, JSON.stringify(payloadKeys));
  await batch.commit({ repeatable: true });
  const named = tasks.rows.flatMap(({ inputKey, resultKey }) => [inputKey, resultKey]);
  const others = [...steps.rows, ...events.rows].map(({ key }) => key);
  return new Set([...named, ...others].filter((key) => key !== null));
}
