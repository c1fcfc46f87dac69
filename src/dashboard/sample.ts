// Makes an example input from a JSON Schema: its defaults and examples, otherwise a value of the right type.

const MAX_DEPTH = 6;

type Schema = Record<string, unknown>;

export function sampleOf(schema: unknown, depth = 0): unknown {
  if (typeof schema !== 'object' || schema === null || depth > MAX_DEPTH) return {};
  const { default: fallback, const: only, enum: choices, examples, type, anyOf, oneOf, allOf } = schema as Schema;
  if (fallback !== undefined) return fallback;
  if (only !== undefined) return only;
  if (Array.isArray(examples) && examples.length > 0) return examples[0];
  if (Array.isArray(choices)) return choices[0];
  for (const some of [anyOf, oneOf, allOf])
    if (Array.isArray(some) && some.length > 0) return sampleOf(some[0], depth + 1);
  if (type === 'object' || 'properties' in schema) return objectOf(schema as Schema, depth);
  if (type === 'array') return [];
  if (type === 'string') return textOf(schema as Schema);
  if (type === 'number' || type === 'integer') return Number((schema as Schema).minimum ?? 1) || 1;
  if (type === 'boolean') return false;
  if (type === 'null') return null;
  return depth === 0 ? {} : null;
}

function objectOf({ properties, required }: Schema, depth: number): Record<string, unknown> {
  const needed = Array.isArray(required) ? required : [];
  const all = Object.entries((properties ?? {}) as Record<string, Schema>);
  const wanted = all.filter(([name, schema]) => needed.includes(name) || schema.default !== undefined);
  return Object.fromEntries(wanted.map(([name, schema]) => [name, sampleOf(schema, depth + 1)]));
}

const TEXTS: Record<string, string> = {
  email: 'ada@example.com',
  uri: 'https://example.com/',
  uuid: '01890a5d-ac96-774b-bcce-b302099a8057',
  'date-time': '2030-01-01T00:00:00Z',
};

function textOf({ format, pattern, maxLength }: Schema): string {
  return TEXTS[String(format)] ?? (pattern === undefined ? 'example'.slice(0, Number(maxLength ?? 7)) : '');
}
