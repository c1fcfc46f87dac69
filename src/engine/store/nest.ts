// Compound SELECTs of any number of terms. D1 allows five terms in one; SQLite flattens nested ones and merges all at once.

const MAX_TERMS = 5;

/** `UNION ALL` of the queries, nested where there are more than five. Each must yield exactly `columns`. */
export function nest(queries: readonly string[], columns: string): string {
  if (queries.length <= MAX_TERMS) return queries.join(' UNION ALL ');
  const groups: string[] = [];
  for (let at = 0; at < queries.length; at += MAX_TERMS) {
    groups.push(`SELECT ${columns} FROM (${queries.slice(at, at + MAX_TERMS).join(' UNION ALL ')})`);
  }
  return nest(groups, columns);
}
