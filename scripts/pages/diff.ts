// Applies a diff as a reader does: each `+` line goes behind the line shown before it.

/**
 * The text with the diff's `+` lines. Context lines need not follow each other in the text.
 * @throws Error when a context line is not in the text exactly once
 */
export function applyDiff(text: string, diff: string): string {
  const lines = text.split('\n');
  let at = -1;
  for (const line of diff.split('\n').slice(1)) {
    if (line === '') continue;
    const rest = line.slice(1);
    if (line.startsWith('+')) {
      lines.splice(at + 1, 0, rest);
      at++;
      continue;
    }
    if (lines.filter((candidate) => candidate === rest).length !== 1)
      throw new Error(`the file must have this line once: ${rest}`);
    at = lines.indexOf(rest);
  }
  return lines.join('\n');
}
