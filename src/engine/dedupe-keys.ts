// Dedupe keys keep work from being enqueued twice: options and input → rows of `task_keys`. Pure, except for the hash.
import type { Declaration } from './declaration.ts';
import type { EnqueueOptions } from './enqueue-options.ts';
import type { DedupeKey } from './new-task.ts';

/** How long an idempotency key is remembered, as Stripe and Resend do. */
const IDEMPOTENCY_SECONDS = 86_400;

/** In `inputHash`, before the hash of an input that tells no work from another: the key alone does. */
const ANY_INPUT = '=';

/** Whether a key with this `inputHash` is refused while a task with another one holds it. */
export function refusesOthers(inputHash: string): boolean {
  return inputHash !== '' && !inputHash.startsWith(ANY_INPUT);
}

/** True if the work is the same, but not its input. False if one of the inputs is not known. */
export function hasOtherInput(inputHash: string, held: string): boolean {
  const [input, other] = [inputHash, held].map((hash) => hash.split(ANY_INPUT)[1]);
  return input !== undefined && other !== undefined && input !== other;
}

/** True if a task of the definition has dedupe keys. */
export function hasDedupeKeys({ unique }: Declaration, options: EnqueueOptions): boolean {
  return options.idempotencyKey !== undefined || (options.unique ?? unique) !== undefined;
}

/** The dedupe keys of a task with this input (JSON text). `id`: the task's. */
export async function dedupeKeysOf(
  definition: Declaration,
  { id, json }: { id: string; json: string },
  options: EnqueueOptions,
  now: number,
): Promise<DedupeKey[]> {
  if (!hasDedupeKeys(definition, options)) return [];
  const { idempotencyKey, unique: asked } = options;
  const unique = asked ?? definition.unique;
  const keys: DedupeKey[] = [];
  const input: unknown = JSON.parse(json);
  const inputHash = await hashInput(definition.name, input);
  if (idempotencyKey !== undefined) keys.push(idempotencyKeyOf(idempotencyKey, inputHash, now));
  if (unique) {
    const { forSeconds, onConflict = 'return', until = onConflict === 'replace' ? 'start' : 'forever' } = unique;
    const own = asked?.key ?? definition.unique?.key?.(definition.input.parse(input)) ?? inputHash;
    // A task that rejects duplicates has a hash of its own, so that any other holder is a conflict.
    const hash = `${onConflict === 'reject' ? id : ''}${ANY_INPUT}${inputHash}`;
    const key = `unique:${definition.name}:${own}`;
    keys.push({ key, inputHash: hash, expiresAt: now + forSeconds * 1000, until, replaces: onConflict === 'replace' });
  }
  return keys;
}

/** The caller's idempotency key as a dedupe key. */
export function idempotencyKeyOf(key: string, inputHash: string, now: number): DedupeKey {
  const expiresAt = now + IDEMPOTENCY_SECONDS * 1000;
  return { key: `idempotency:${key}`, inputHash, expiresAt, until: 'forever', replaces: false };
}

/** SHA-256 of a name and an input; equal inputs have equal hashes, whatever the order of their fields. */
export async function hashInput(name: string, input: unknown): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${name} ${canonical(input)}`));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** JSON with sorted keys. The input may be unchecked: a BigInt, which JSON does not have, is refused later with its path. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return String(inner);
    if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return inner;
    return Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
