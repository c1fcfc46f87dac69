// Claim-check: payloads up to `inlineBytes` live in the task's row, larger ones in the payload store under a key that
// follows from the task, so that writing one twice leaves one. A payload is written before the row that names it.
import type { Engine } from './engine.ts';
import type { Payload } from './store/rows.ts';

/** All payload keys begin so; nothing else in the bucket does. */
export const PAYLOAD_PREFIX = 'payloads/';

/** The payload to store in the row for this JSON text. `slot`: `input`, or `result-<fence>`. */
export async function checkIn(engine: Engine, taskId: string, slot: string, json: string): Promise<Payload> {
  if (!exceeds(json, engine.settings.inlineBytes)) return { json };
  const key = `${PAYLOAD_PREFIX}${taskId}/${slot}.json`;
  await engine.payloads.put(key, json);
  return { key };
}

/** The JSON text of a payload. Throws a plain Error when the store has lost it. */
export async function checkOut(engine: Engine, payload: Payload): Promise<string> {
  if ('json' in payload) return payload.json;
  const json = await engine.payloads.get(payload.key);
  if (json === undefined) throw new Error(`payload ${payload.key} is gone`);
  return json;
}

/** Is the text longer than so many UTF-8 bytes? Encodes it only where its length leaves that open. */
export function exceeds(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && new TextEncoder().encode(text).byteLength > bytes;
}
