// The JSON text of a value that code gave: an input or a result. JSON has no BigInt, and none is turned into a number, which
// might be another one.
import type { Issue } from './errors.ts';

/** A value that JSON cannot hold. */
export class NotJson extends Error {
  override readonly name = 'NotJson';

  /** `issue.path` begins with `input` or `result`. */
  constructor(
    readonly issue: Issue,
    cause: unknown,
  ) {
    super(`${issue.path} ${issue.message}`, { cause });
  }
}

/** `name`: what the path of a fault begins with. Throws NotJson. */
export function toJson(value: unknown, name: 'input' | 'result'): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch (error) {
    const path = pathOfBigInt(value, name, new Set());
    const reason = error instanceof Error ? error.message.split('\n')[0] : 'a method of it threw';
    const message =
      path === undefined
        ? `cannot be written as JSON: ${reason}`
        : 'is a BigInt, which JSON does not have; pass it as text';
    throw new NotJson({ path: path ?? name, message }, error);
  }
}

/** Dotted; undefined when there is none. `seen`: the objects to skip, because a circle leads back to them. */
function pathOfBigInt(value: unknown, path: string, seen: Set<object>): string | undefined {
  if (typeof value === 'bigint') return path;
  if (typeof value !== 'object' || value === null || seen.has(value)) return undefined;
  seen.add(value);
  for (const [key, inner] of Object.entries(value)) {
    const found = pathOfBigInt(inner, `${path}.${key}`, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
