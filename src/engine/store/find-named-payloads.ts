// Which payloads the rows of tasks name.
import type { Engine } from '../engine.ts';
import { taskIdOf } from '../payloads.ts';
import { read } from './batch.ts';

const NAMED = `
  SELECT input_key AS inputKey, result_key AS resultKey FROM tasks
  WHERE id IN (SELECT value FROM json_each(?1)) AND (input_key IS NOT NULL OR result_key IS NOT NULL)`;

/** The payload keys that a row names, of the tasks that these payload keys belong to. */
export async function findNamedPayloads(engine: Engine, payloadKeys: readonly string[]): Promise<Set<string>> {
  const ids = [...new Set(payloadKeys.map(taskIdOf))];
  const rows = await read<{ inputKey: string | null; resultKey: string | null }>(engine, NAMED, JSON.stringify(ids));
  return new Set(rows.flatMap(({ inputKey, resultKey }) => [inputKey, resultKey]).filter((key) => key !== null));
}
