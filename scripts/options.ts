// Reads the command-line options of the scripts. Each command describes its options in a table, which also gives its help.
import { parseArgs } from 'node:util';
import { style } from './terminal.ts';

/** One option. Without `value` it is a switch. */
export interface CommandOption {
  /** The name of the value in the help, such as `N`. */
  value?: string;
  /** The option may be repeated. */
  many?: boolean;
  help: string;
}

type Read<T extends Record<string, CommandOption>> = {
  [K in keyof T]: T[K] extends { many: true }
    ? string[]
    : T[K] extends { value: string }
      ? string | undefined
      : boolean;
};

/** An error that the user can fix, such as a wrong option. It is printed without a stack trace, with exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/**
 * Reads `argv` with the table `options`. `--help` prints the help and ends the process with exit code 0.
 * @throws UsageError for an unknown option (with the most similar one), a missing value, or an argument that is no option.
 */
export function readOptions<const T extends Record<string, CommandOption>>(
  command: { usage: string; about: string },
  options: T,
  argv: string[] = process.argv.slice(2),
): Read<T> {
  const spec = Object.fromEntries(
    Object.entries<CommandOption>(options).map(([name, option]) => [
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
    if (token.kind === 'positional')
      throw new UsageError(`Unexpected argument "${token.value}". This command takes only options; --help lists them.`);
    if (token.kind !== 'option') continue;
    if (token.name === 'help') {
      process.stdout.write(helpText(command, options));
      process.exit(0);
    }
    const option = options[token.name];
    if (!option) throw new UsageError(unknownOption(token.rawName, Object.keys(options)));
    if (option.value && (token.value === undefined || token.value === '')) {
      throw new UsageError(`--${token.name} needs a value: --${token.name} ${option.value}.`);
    }
    if (!option.value && token.value !== undefined) throw new UsageError(`--${token.name} takes no value.`);
    const values = [...(given[token.name] ?? []), token.value ?? ''];
    given[token.name] = values;
    if (option.value && !option.many && values.length > 1)
      throw new UsageError(`--${token.name} is given more than once. Give it once.`);
  }
  const entries = Object.entries<CommandOption>(options).map(([name, option]) => {
    const values = given[name] ?? [];
    return [name, option.many ? values : option.value ? values[0] : values.length > 0];
  });
  return Object.fromEntries(entries) as Read<T>;
}

/** The name most similar to `word`, or undefined if none is similar. */
export function nearest(word: string, names: string[]): string | undefined {
  const ranked = names.map((name) => ({ name, distance: distance(word, name) }));
  ranked.sort((a, b) => a.distance - b.distance);
  const best = ranked[0];
  return best && best.distance <= Math.max(2, Math.floor(best.name.length / 2)) ? best.name : undefined;
}

/** Prints the error and ends the process. Prints a stack trace unless it is a UsageError. */
export function failWith(error: unknown): never {
  const usage = error instanceof UsageError;
  const text = usage ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${style('red', 'error:', process.stderr)} ${text}\n`);
  process.exit(usage ? 2 : 1);
}

function unknownOption(raw: string, names: string[]): string {
  const near = nearest(raw.replace(/^-+/, ''), [...names, 'help']);
  return `Unknown option ${raw}.${near ? ` Did you mean --${near}?` : ''} --help lists all options.`;
}

function helpText(command: { usage: string; about: string }, options: Record<string, CommandOption>): string {
  const rows = Object.entries({ ...options, help: { help: 'show this help' } }).map(
    ([name, option]: [string, CommandOption]) => [
      `--${name}${option.value ? ` ${option.value}` : ''}`,
      option.help + (option.many ? ' (may be repeated)' : ''),
    ],
  );
  const width = Math.max(...rows.map(([left]) => left?.length ?? 0));
  const lines = rows.map(([left = '', right = '']) => `  ${left.padEnd(width)}  ${right}`);
  return `${command.about}\n\nUsage: ${command.usage}\n\n${lines.join('\n')}\n`;
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
