// The text of a filter as conditions: words that must all match. Each is a part of a known name, or the beginning or the end of
// an id. A word that is a part of a known name is not looked for in ids.

/** Digits of an id that a word needs to count as its beginning, or as its end. Pages show the last 8. */
const BEGINNING = /^[0-9a-f]{4}[0-9a-f-]*$/;
const END = /^[0-9a-f]{8,12}$/;

/** No index serves the end of an id, so it is looked for among this many of the newest ids. */
export const NEWEST_IDS = 20_000;

interface TextMatch {
  /** Only tasks of these names; undefined: of any name. */
  names: string[] | undefined;
  /** Conditions on the id, as alternatives of which at most one is true: each can use an index of its own. */
  ids: string[][];
}

/** `names`: of all definitions. Undefined when no task can match. */
export function matchText(names: readonly string[], text: string): TextMatch | undefined {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const ofNames = words.filter((word) => names.some((name) => name.includes(word)));
  const ofIds = words.filter((word) => !ofNames.includes(word));
  const matching = names.filter((name) => ofNames.every((word) => name.includes(word)));
  if (matching.length === 0 && ofNames.length > 0) return undefined;
  const ids = matchIds('tasks', ofIds);
  return ids.length === 0 ? undefined : { names: ofNames.length > 0 ? matching : undefined, ids };
}

/** Conditions under which an id begins or ends with each of the words, as alternatives; empty when none can. */
export function matchIds(table: 'tasks' | 'workflows', words: readonly string[]): string[][] {
  if (!words.every((word) => BEGINNING.test(word))) return [];
  const [first, ...others] = words.map((word) => idConditions(table, word));
  const rest = others.map((ways) => `(${ways.join(' OR ')})`);
  return first === undefined ? [[]] : first.map((way) => [way, ...rest]);
}

/** The word has only hexadecimal digits and dashes, so it stands as a literal. */
function idConditions(table: 'tasks' | 'workflows', word: string): string[] {
  // 'g' sorts after every id with this beginning.
  const begins = `id >= '${word}' AND id < '${word}g'`;
  if (!END.test(word)) return [begins];
  const oldest = `SELECT id FROM ${table} ORDER BY id DESC LIMIT 1 OFFSET ${NEWEST_IDS - 1}`;
  const size = word.length;
  const ends = `substr(id, -${size}) = '${word}' AND substr(id, 1, ${size}) <> '${word}'`;
  return [begins, `id >= coalesce((${oldest}), '') AND ${ends}`];
}
