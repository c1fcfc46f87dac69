// Claim-check: payloads up to `inlineBytes` live in the task's row, larger ones in the payload store. The payload key follows
// from the task, so that writing one twice leaves one. A payload is written before the row that names it.
import type { Engine } from './engine.ts';
import type { Payload } from './task.ts';

/** Every payload key begins with this, and no other key in the bucket does. */
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

/** True if the text is longer than `bytes` in UTF-8. Encodes it only if its length leaves that open. */
export function exceeds(text: string, bytes: number): boolean {
  if (text.length > bytes) return true;
  return text.length * 3 > bytes && new TextEncoder().encode(text).byteLength > bytes;
}

/** The id of the task that a payload key belongs to. */
export function taskIdOf(payloadKey: string): string {
  return payloadKey.slice(PAYLOAD_PREFIX.length).split('/', 1)[0] ?? '';
}

/** The payload keys among these payloads. */
export function payloadKeysOf(payloads: readonly (Payload | undefined)[]): string[] {
  return payloads.flatMap((payload) => (payload && 'key' in payload ? [payload.key] : []));
}

/** Deletes payloads that no row names any more. */
export async function deletePayloads(engine: Engine, payloadKeys: readonly string[]): Promise<void> {
  if (payloadKeys.length > 0) await engine.payloads.delete([...payloadKeys]);
}
