// The fields of a log line as plain JSON values, copied when the line is written. A log call must never fail its task, so every
// value has a form here: what JSON lacks becomes text.

const MAX_DEPTH = 20;

/** Never throws. */
export function logFields(fields: unknown): Record<string, unknown> {
  const plain = plainOf(fields, []);
  if (typeof plain === 'object' && plain !== null && !Array.isArray(plain)) return plain as Record<string, unknown>;
  return plain === undefined ? {} : { value: plain };
}

/** The message of a log line, whatever code in JavaScript passed. Never throws. */
export function logMessage(message: unknown): string {
  if (typeof message === 'string') return message;
  const plain = plainOf(message, []);
  return typeof plain === 'string' ? plain : (JSON.stringify(plain) ?? 'undefined');
}

/** `around`: the objects that the value is in. */
function plainOf(value: unknown, around: readonly object[]): unknown {
  switch (typeof value) {
    case 'bigint':
    case 'symbol':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? value : String(value);
    case 'function':
      return `[function ${safely(() => String(value.name))}]`;
    case 'object':
      if (value === null) return null;
      if (around.includes(value)) return '[circular]';
      if (around.length >= MAX_DEPTH) return `[more than ${MAX_DEPTH} levels]`;
      return safely(() => plainObject(value, [...around, value]));
    default:
      return value;
  }
}

function plainObject(value: object, around: readonly object[]): unknown {
  const inner = (each: unknown) => plainOf(each, around);
  if (value instanceof Error) return errorFields(value, inner);
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? 'Invalid Date' : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Set) return [...value].map(inner);
  if (value instanceof Map) {
    const entries = [...value];
    const isNamed = entries.every(([key]) => typeof key === 'string');
    return isNamed ? fieldsOf(entries, inner) : entries.map(inner);
  }
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return `[${value.byteLength} bytes]`;
  if ('toJSON' in value && typeof value.toJSON === 'function') return inner(value.toJSON(''));
  // JSON turns a gap of an array into null.
  if (Array.isArray(value)) return Array.from(value as unknown[], (each) => inner(each) ?? null);
  // Only what can be enumerated is read, and each getter on its own: one that throws takes no other field along.
  return fieldsOf(
    Object.keys(value).map((key) => [key, safely(() => inner((value as Record<string, unknown>)[key]))]),
    (each) => each,
  );
}

function fieldsOf(entries: readonly (readonly [string, unknown])[], inner: (value: unknown) => unknown): object {
  return Object.fromEntries(entries.map(([key, each]) => [key, inner(each)]));
}

function errorFields(error: Error, inner: (value: unknown) => unknown): object {
  const cause = error.cause instanceof Error ? error.cause.message : error.cause;
  return { type: inner(error.name), message: inner(error.message), stack: inner(error.stack), cause: inner(cause) };
}

/** What `read` returns; if it throws, a text that says so. */
function safely(read: () => unknown): unknown {
  try {
    return read();
  } catch (error) {
    return `[unreadable: ${error instanceof Error ? reasonOf(error) : 'a getter or toJSON threw'}]`;
  }
}

function reasonOf(error: Error): string {
  try {
    return String(error.message).slice(0, 200);
  } catch {
    return 'a getter or toJSON threw';
  }
}
