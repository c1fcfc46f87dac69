// Keys that keep work from being enqueued twice: from options and input to rows of `task_keys`. Pure, but for the hash.
import type { EnqueueOptions } from './enqueue-options.ts';
import type { NewKey } from './store/task-keys.ts';
import type { AnyDefinition } from './task.ts';

/** How long an idempotency key is remembered, as Stripe and Resend do. */
const IDEMPOTENCY_SECONDS = 86_400;

/** The keys that a task with this input (JSON text) takes. `id`: the task's. */
export async function keysOf(
  definition: AnyDefinition,
  { id, json }: { id: string; json: string },
  { idempotencyKey, unique: asked }: EnqueueOptions,
  now: number,
): Promise<NewKey[]> {
  const unique = asked ?? definition.unique;
  if (idempotencyKey === undefined && unique === undefined) return [];
  const keys: NewKey[] = [];
  const input: unknown = JSON.parse(json);
  const inputHash = await hashInput(definition.name, input);
  if (idempotencyKey !== undefined) keys.push(idempotencyKeyOf(idempotencyKey, inputHash, now));
  if (unique) {
    const { forSeconds, onConflict = 'return', until = onConflict === 'replace' ? 'start' : 'forever' } = unique;
    const own = asked?.key ?? definition.unique?.key?.(definition.input.parse(input)) ?? inputHash;
    // Whoever rejects has a hash that nobody else has, so that any other holder is a conflict.
    const hash = onConflict === 'reject' ? id : '';
    const key = `unique:${definition.name}:${own}`;
    keys.push({ key, inputHash: hash, expiresAt: now + forSeconds * 1000, until, replaces: onConflict === 'replace' });
  }
  return keys;
}

/** The row of an idempotency key; `inputHash` tells its input from another. */
export function idempotencyKeyOf(key: string, inputHash: string, now: number): NewKey {
  const expiresAt = now + IDEMPOTENCY_SECONDS * 1000;
  return { key: `idempotency:${key}`, inputHash, expiresAt, until: 'forever', replaces: false };
}

/** SHA-256 of a name and an input; equal inputs have equal hashes, whatever the order of their fields. */
export async function hashInput(name: string, input: unknown): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(`${name} ${canonical(input)}`));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** JSON with sorted keys. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'object' && inner !== null && !Array.isArray(inner)
      ? Object.fromEntries(Object.entries(inner).sort(([a], [b]) => (a < b ? -1 : 1)))
      : inner,
  );
}
