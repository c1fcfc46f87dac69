// Reads the text of a search: a whole task id, or words with and without a qualifier. Pure.

const QUALIFIERS = ['status', 'name', 'queue', 'tag'] as const;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The form of definition names, such as `email.send`. */
const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;

/** The page that a search opens: the task for a whole id, otherwise the list of tasks with filters. */
export function readSearch(text: string): { path: string; query: Record<string, string> } {
  const words = text.trim().split(/\s+/);
  const [first = ''] = words;
  if (words.length === 1 && UUID.test(first)) return { path: `/tasks/${first.toLowerCase()}`, query: {} };
  const query: Record<string, string> = {};
  for (const word of words) {
    const [, qualifier = '', value = ''] = word.match(/^(\w+):(.+)$/) ?? [];
    const known = QUALIFIERS.find((name) => name === qualifier);
    if (known) query[known] = known === 'status' ? value.toUpperCase() : value;
    else if (NAME.test(word)) query.name = word;
    else query.text = word;
  }
  return { path: '/tasks', query };
}
