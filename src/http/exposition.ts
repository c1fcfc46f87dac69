// Writes the Prometheus text format 0.0.4 (prometheus.io, "Exposition formats"). The text is valid for any value of a label:
// Prometheus drops a whole scrape for one bad sample.

export type Labels = Record<string, string>;
export type Sample = [suffix: string, labels: Labels, value: number];

/** A family with its samples; '' if there are none. Samples with the same labels are added up. */
export function family(name: string, type: 'counter' | 'gauge' | 'histogram', help: string, samples: Sample[]): string {
  if (samples.length === 0) return '';
  const values = new Map<string, number>();
  for (const [suffix, labels, value] of samples) {
    const pairs = Object.entries(labels).map(([label, text]) => `${label}="${escaped(text)}"`);
    const series = `${name}${suffix}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''}`;
    values.set(series, (values.get(series) ?? 0) + value);
  }
  const lines = [...values].map(([series, value]) => `${series} ${value}`);
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join('\n')}\n`;
}

/** The samples of one histogram, in seconds. Without `sumSeconds` the sum is estimated from the middle of each bucket. */
export function histogramSamples(
  labels: Labels,
  counts: readonly number[],
  boundsMs: readonly number[],
  sumSeconds = estimateSum(counts, boundsMs),
): Sample[] {
  let total = 0;
  const buckets = [...boundsMs, Number.POSITIVE_INFINITY].map((bound, index): Sample => {
    total += counts[index] ?? 0;
    return ['_bucket', { ...labels, le: bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound / 1000) }, total];
  });
  return [...buckets, ['_sum', labels, sumSeconds], ['_count', labels, total]];
}

function estimateSum(counts: readonly number[], boundsMs: readonly number[]): number {
  const last = boundsMs.at(-1) ?? 0;
  return counts.reduce((sum, count, index) => {
    const [from, to] = [boundsMs[index - 1] ?? 0, boundsMs[index] ?? last];
    return sum + (count * (from + to)) / 2000;
  }, 0);
}

function escaped(text: string): string {
  return text.toWellFormed().replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
