// A schema of an object that refuses unknown fields and says which field to write instead.
import { z } from '@hono/zod-openapi';

/** `instead`: for fields that callers often write by mistake, the sentence that names the right one. */
export function strictObject<Shape extends z.core.$ZodLooseShape>(shape: Shape, instead: Record<string, string> = {}) {
  return z.strictObject(shape, {
    error: (issue) => {
      if (issue.code !== 'unrecognized_keys') return undefined;
      // A schema made with extend() has more fields than `shape`.
      const known = issue.inst instanceof z.ZodObject ? Object.keys(issue.inst.shape) : Object.keys(shape);
      return unknownFields(issue.keys as string[], known, instead);
    },
  });
}

/** The message for fields that an object may not have. */
export function unknownFields(
  unknown: readonly string[],
  known: readonly string[],
  instead: Record<string, string> = {},
): string {
  const named = unknown.map((field) => `"${field}"`).join(', ');
  const first = unknown.length === 1 ? `There is no field ${named} here.` : `There are no fields ${named} here.`;
  const hints = [...new Set(unknown.flatMap((field) => (Object.hasOwn(instead, field) ? (instead[field] ?? []) : [])))];
  return [first, ...(hints.length > 0 ? hints : [`The fields are ${known.join(', ')}.`])].join(' ');
}
