// Command-line options of the scripts: one small table per command gives parsing, help and clear refusals.
import { parseArgs } from 'node:util';
import { style } from './terminal.ts';

/** One option. Without `value` it is a switch; with it, it takes a value, and `many` lets it be repeated. */
export interface Option {
  /** What stands for the value in the help, e.g. `N`. */
  value?: string;
  many?: boolean;
  help: string;
}

type Read<T extends Record<string, Option>> = {
  [K in keyof T]: T[K] extends { many: true }
    ? string[]
    : T[K] extends { value: string }
      ? string | undefined
      : boolean;
};

/** A wrong command line, or anything else its user can mend: printed without a stack, exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Reads `argv` by the table `options`. `--help` prints the help and ends the process with 0.
 * @throws UsageError for an unknown option (it names the nearest), a missing value, or a stray word.
 */
export function readOptions<const T extends Record<string, Option>>(
  command: { usage: string; what: string },
  options: T,
  argv: string[] = process.argv.slice(2),
): Read<T> {
  const spec = Object.fromEntries(
    Object.entries<Option>(options).map(([name, option]) => [
      name,
      { type: option.value ? ('string' as const) : ('boolean' as const), multiple: true },
    ]),
  );
  const { tokens } = parseArgs({
    args: argv,
    options: { ...spec, help: { type: 'boolean', short: 'h' } },
    strict: false,
    tokens: true,
  });
  const given: Record<string, string[]> = {};
  for (const token of tokens) {
    if (token.kind === 'positional') throw new UsageError(`"${token.value}" was not expected: give options only.`);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') {
      process.stdout.write(helpText(command, options));
      process.exit(0);
    }
    const option = options[token.name];
    if (!option) throw new UsageError(unknownOption(token.rawName, Object.keys(options)));
    if (option.value && (token.value === undefined || token.value === '')) {
      throw new UsageError(`--${token.name} needs a value: --${token.name} ${option.value}`);
    }
    if (!option.value && token.value !== undefined) throw new UsageError(`--${token.name} takes no value.`);
    const values = [...(given[token.name] ?? []), token.value ?? ''];
    given[token.name] = values;
    if (option.value && !option.many && values.length > 1)
      throw new UsageError(`--${token.name} was given more than once.`);
  }
  const entries = Object.entries<Option>(options).map(([name, option]) => {
    const values = given[name] ?? [];
    return [name, option.many ? values : option.value ? values[0] : values.length > 0];
  });
  return Object.fromEntries(entries) as Read<T>;
}

/** The one of `names` that `word` most likely meant, or undefined when none is near. */
export function nearest(word: string, names: string[]): string | undefined {
  const ranked = names.map((name) => ({ name, distance: distance(word, name) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(best.name.length / 2)) ? best.name : undefined;
}

/** Ends the process with a message its reader can act on; a stack only where the fault is in the script itself. */
export function failWith(error: unknown): never {
  const usage = error instanceof UsageError;
  const text = usage ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${style('red', 'error:', process.stderr)} ${text}\n`);
  process.exit(usage ? 2 : 1);
}

function unknownOption(raw: string, names: string[]): string {
  const near = nearest(raw.replace(/^-+/, ''), [...names, 'help']);
  return `unknown option ${raw}.${near ? ` Did you mean --${near}?` : ''} (--help lists all)`;
}

function helpText(command: { usage: string; what: string }, options: Record<string, Option>): string {
  const rows = Object.entries({ ...options, help: { help: 'show this' } }).map(([name, option]: [string, Option]) => [
    `--${name}${option.value ? ` ${option.value}` : ''}`,
    option.help + (option.many ? ' (repeatable)' : ''),
  ]);
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  const lines = rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
  return `${command.what}\n\nUsage: ${command.usage}\n\n${lines.join('\n')}\n`;
}

// Levenshtein's edit distance, one row at a time.
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (const [i, letter] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      next.push(Math.min((row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1, (row[j] ?? 0) + (letter === other ? 0 : 1)));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
