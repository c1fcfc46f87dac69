// Structured logs: one JSON object a line, so that Workers Logs indexes the fields. The only file that uses `console`.
// Never log inputs, results or headers: they may hold secrets.
import { logFields } from './log-fields.ts';

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

/** A field named `level` or `message` is left out: it must not replace the real one. Never throws. */
function line(level: string, message: string, fields: Record<string, unknown> = {}): string {
  const known: Record<string, unknown> = { level, message };
  const added = Object.entries(logFields(fields)).filter(([key]) => !Object.hasOwn(known, key));
  return JSON.stringify({ ...known, ...Object.fromEntries(added) });
}
