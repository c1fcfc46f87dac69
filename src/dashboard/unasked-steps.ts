// Finds the warning that an attempt logs when it ends without asking for a step that is recorded. Pure.

interface Line {
  message: string;
}

/** The engine begins the line so. */
const BEGINNING = 'Warning: the attempt ended without asking for';

/** The warnings of the last attempt that ended: an earlier attempt may have run other code. */
export function unaskedIn(attempts: readonly { finished_at: string | null; logs: readonly Line[] }[]): string[] {
  const last = attempts.findLast(({ finished_at }) => finished_at !== null);
  const lines = last?.logs ?? [];
  return lines.flatMap(({ message }) => (message.startsWith(BEGINNING) ? message.replace(/^Warning: t/, 'T') : []));
}
