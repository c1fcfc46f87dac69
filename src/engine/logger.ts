// Structured logs: one JSON object a line, so that Workers Logs indexes the fields. The only file that uses `console`.
// Never log inputs, results or headers: they may hold secrets.

export interface Logger {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

export const consoleLogger: Logger = {
  info: (message, fields) => console.log(line('info', message, fields)),
  warn: (message, fields) => console.warn(line('warn', message, fields)),
  error: (message, fields) => console.error(line('error', message, fields)),
};

/** A field named `level` or `message` is left out: it must not replace the real one. */
function line(level: string, message: string, fields: Record<string, unknown> = {}): string {
  const known: Record<string, unknown> = { level, message };
  const added = Object.entries(fields).filter(([key]) => !(key in known));
  const plain = added.map(([key, value]) => [key, value instanceof Error ? describe(value) : value]);
  return JSON.stringify({ ...known, ...Object.fromEntries(plain) });
}

function describe(error: Error): Record<string, unknown> {
  const cause = error.cause instanceof Error ? error.cause.message : undefined;
  return { type: error.name, message: error.message, stack: error.stack, cause };
}
