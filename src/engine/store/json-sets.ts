// Sets as parameters: JSON arrays for `json_each(?)`, because D1 binds at most 100 parameters and 2 MB each.

const ROWS_PER_SET = 2000;
/** At most three bytes each. */
const CHARACTERS_PER_SET = 600_000;

export interface JsonSet {
  /** A JSON array. */
  json: string;
  /** How many rows are in it. */
  size: number;
}

/** The given JSON texts, in order, as JSON arrays small enough to be one parameter each. */
export function jsonSets(rows: readonly string[]): JsonSet[] {
  const sets: JsonSet[] = [];
  let start = 0;
  let characters = 0;
  const close = (end: number) => {
    if (end > start) sets.push({ json: `[${rows.slice(start, end).join(',')}]`, size: end - start });
    start = end;
    characters = 0;
  };
  for (const [index, row] of rows.entries()) {
    if (index - start === ROWS_PER_SET || characters + row.length > CHARACTERS_PER_SET) close(index);
    characters += row.length;
  }
  close(rows.length);
  return sets;
}
