// Sums the statistics of a definition over all its queues. The API lists them per queue.

interface Row {
  name: string;
  succeeded: number;
  failed: number;
  revoked: number;
  cost_per_1000_usd: number | null;
}

interface Sum {
  ended: number;
  /** 0 to 1; null while nothing has succeeded or failed. */
  failureRate: number | null;
  /** US dollars: the mean of the queues, weighted by the tasks that ended in each. */
  costPer1000: number | null;
}

export function sumByName(rows: readonly Row[], name: string): Sum {
  const own = rows.filter((row) => row.name === name);
  const total = (value: (row: Row) => number) => own.reduce((sum, row) => sum + value(row), 0);
  const failed = total((row) => row.failed);
  const tried = failed + total((row) => row.succeeded);
  const ended = tried + total((row) => row.revoked);
  return {
    ended,
    failureRate: tried === 0 ? null : failed / tried,
    costPer1000: mean(own.map((row) => [row.cost_per_1000_usd, row.succeeded + row.failed + row.revoked])),
  };
}

/** The weighted mean of [value, weight] pairs; null if there is none. */
function mean(values: [number | null, number][]): number | null {
  const known = values.filter((value): value is [number, number] => value[0] !== null && value[1] > 0);
  const weight = known.reduce((sum, [, one]) => sum + one, 0);
  return weight === 0 ? null : known.reduce((sum, [value, one]) => sum + value * one, 0) / weight;
}
