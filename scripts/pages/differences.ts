// Compares a JSON reply with the one that a page shows.

/**
 * What of `expected` is not in `actual`, one sentence each. `actual` may have more fields and longer lists; in a text, `…`
 * stands for any text.
 */
export function differences(expected: unknown, actual: unknown, path = 'the reply'): string[] {
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual)) return [`${path} is ${JSON.stringify(actual)}, not a list`];
    return expected.flatMap((value, index) => differences(value, actual[index], `${path}[${index}]`));
  }
  if (typeof expected === 'object' && expected !== null) {
    if (typeof actual !== 'object' || actual === null) return [`${path} is ${JSON.stringify(actual)}, not an object`];
    const fields = actual as Record<string, unknown>;
    return Object.entries(expected).flatMap(([name, value]) => differences(value, fields[name], `${path}.${name}`));
  }
  const same =
    typeof expected === 'string' && typeof actual === 'string' ? fits(expected, actual) : expected === actual;
  return same ? [] : [`${path} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`];
}

function fits(expected: string, actual: string): boolean {
  const parts = expected.split('…').map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('[^]*')}$`).test(actual);
}
