// Filters the output of wrangler: keeps the Worker's own lines, warnings and errors.
import { stripVTControlCharacters } from 'node:util';
import { style } from '../terminal.ts';

type Level = 'plain' | 'warn' | 'error';

/** Lines of wrangler that are hidden, with the indented and blank lines after them. */
const noise = [
  /^⎔ /,
  /^🪵 /,
  /^ ⛅️ wrangler/,
  /^─+$/,
  /^Your Worker has access to the following bindings/,
  /^Binding +Resource/,
  /^env\.\w+ .* (local|remote)$/,
  /^\[wrangler:info\]/,
  /^\[wrangler:warn\] Unable to fetch the `Request\.cf`/,
  /^▲ \[WARNING\] Scheduled Workers are not automatically triggered/,
  /^▲ \[WARNING\] .*`?Request\.cf`?/,
];

const headings: [RegExp, Level][] = [
  [/^(?:▲ \[WARNING\]|\[wrangler:warn\]) ?/, 'warn'],
  [/^(?:✘ \[ERROR\]|\[wrangler:error\]) ?/, 'error'],
];

/**
 * Returns a filter for one output stream. The filter takes a line and returns the text to print, or undefined. A heading and the
 * indented lines below it are shown or hidden together.
 */
export function readableLines(): (line: string) => string | undefined {
  let hidden = false;
  let level: Level = 'plain';
  return (raw) => {
    const line = stripVTControlCharacters(raw).trimEnd();
    if (line === '') return undefined;
    const continues = /^\s/.test(line) && !noise.some((pattern) => pattern.test(line));
    if (continues) return hidden ? undefined : coloured(level, isOwnFrame(line) ? undefined : line);
    hidden = noise.some((pattern) => pattern.test(line));
    if (hidden) return undefined;
    const heading = headings.find(([pattern]) => pattern.test(line));
    level = heading?.[1] ?? 'plain';
    const text = heading ? line.replace(heading[0], '') : line;
    const entry = parseEntry(text);
    if (!entry) return coloured(level, text, true);
    if (level === 'plain') level = entry.level;
    hidden = level === 'plain';
    return hidden ? undefined : coloured(level, entry.text, true);
  };
}

// A log line of the Worker, { "level": "error", "message": "…", … } → its level and a readable text.
function parseEntry(text: string): { level: Level; text: string } | undefined {
  if (!text.startsWith('{')) return undefined;
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(text) as Record<string, unknown>;
  } catch {
    return undefined;
  }
  if (typeof entry.level !== 'string') return undefined;
  const { level, message = '', ...rest } = entry;
  const trace: string[] = [];
  const details = Object.entries(rest)
    .filter(([, value]) => value !== undefined && value !== null)
    .map(([name, value]) => {
      // An Error in the form of src/engine/logger.ts. Its stack trace is printed on separate lines.
      if (isRecord(value) && typeof value.stack === 'string') {
        trace.push(value.stack);
        if (typeof value.cause === 'string') trace.push(`Caused by: ${value.cause}`);
        return '';
      }
      return `${name}=${typeof value === 'string' ? value : JSON.stringify(value)}`;
    })
    .filter((detail) => detail !== '');
  const lines = trace.map((text) => `\n${text.replace(/^/gm, '    ')}`);
  return { level: levelOf(String(level)), text: [String(message), ...details].join('  ') + lines.join('') };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function levelOf(name: string): Level {
  if (/^(error|fatal|critical)$/i.test(name)) return 'error';
  return /^warn/i.test(name) ? 'warn' : 'plain';
}

// Stack frames of the code that wrangler puts around the Worker. They are hidden.
function isOwnFrame(line: string): boolean {
  return /^\s+at .*(node_modules\/wrangler\/|middleware-loader\.entry)/.test(line);
}

function coloured(level: Level, text: string | undefined, heading = false): string | undefined {
  if (text === undefined) return undefined;
  if (level === 'warn') return heading ? `${style('yellow', 'warning:')} ${text}` : style('dim', text);
  if (level === 'error') return heading ? `${style('red', 'error:')} ${text}` : style('dim', text);
  return text;
}
