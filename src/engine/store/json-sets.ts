// Sets as parameters: JSON arrays for `json_each(?)`, because D1 binds at most 100 parameters and 2 MB each.

const ROWS_PER_SET = 2000;
const CHARACTERS_PER_SET = 1_000_000;

/** JSON arrays made of the given JSON texts, in order, each small enough to be one parameter. */
export function jsonSets(rows: readonly string[]): string[] {
  const sets: string[] = [];
  let set: string[] = [];
  let characters = 0;
  for (const row of rows) {
    if (set.length === ROWS_PER_SET || (set.length > 0 && characters + row.length > CHARACTERS_PER_SET)) {
      sets.push(`[${set.join(',')}]`);
      set = [];
      characters = 0;
    }
    set.push(row);
    characters += row.length;
  }
  if (set.length > 0) sets.push(`[${set.join(',')}]`);
  return sets;
}
