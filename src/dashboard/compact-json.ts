// Writes JSON for an editor: an object or list stands on one line if it fits. Pure.

const LINE = 72;

export function compactJson(value: unknown, indent = 0): string {
  const oneLine = inOneLine(value);
  if (typeof value !== 'object' || value === null || oneLine.length + indent <= LINE) return oneLine;
  const isList = Array.isArray(value);
  const [open, close] = isList ? '[]' : '{}';
  const inner = indent + 2;
  const parts = isList
    ? value.map((part) => compactJson(part, inner))
    : fieldsOf(value).map(([name, part]) => `${JSON.stringify(name)}: ${compactJson(part, inner)}`);
  return `${open}\n${parts.map((part) => ' '.repeat(inner) + part).join(',\n')}\n${' '.repeat(indent)}${close}`;
}

function inOneLine(value: unknown): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(inOneLine).join(', ')}]`;
  const fields = fieldsOf(value);
  if (fields.length === 0) return '{}';
  return `{ ${fields.map(([name, part]) => `${JSON.stringify(name)}: ${inOneLine(part)}`).join(', ')} }`;
}

const fieldsOf = (value: object) => Object.entries(value).filter(([, part]) => part !== undefined);
