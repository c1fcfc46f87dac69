// Refuses JSON with an integer that a JSON number does not keep: the task would get another number than the caller sent.
import { createMiddleware } from 'hono/factory';
import { findLostNumbers, replaceNumbers } from '../../documents/index.ts';
import type { Issue } from '../../engine/manage.ts';
import type { HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';
import { isJson } from './refuse-deep-json.ts';

const MAX_ISSUES = 100;
const MAX_SHOWN_CHARACTERS = 40;

/** Throws HttpProblem `unsafe_integer` with the path of each such integer. Must come after refuseDeepJson. */
export const refuseUnsafeIntegers = createMiddleware<HttpEnv>(async (c, next) => {
  const issues = isJson(c) ? unsafeIntegersOf(await c.req.text()) : [];
  if (issues.length > 0) throw new HttpProblem('unsafe_integer', { issues });
  await next();
});

/** The path of each integer that a JSON number does not keep, at most 100. None in a text that is not JSON. */
export function unsafeIntegersOf(text: string): Issue[] {
  const found = findLostNumbers(text, MAX_ISSUES);
  if (found.length === 0) return [];
  const mark = crypto.randomUUID();
  const marked = parse(replaceNumbers(text, found, (_, index) => `"${mark}${index}"`));
  const issues: Issue[] = [];
  const walk = (value: unknown, path: string[]): void => {
    if (typeof value === 'object' && value !== null) {
      for (const [name, inner] of Object.entries(value)) walk(inner, [...path, name]);
    } else if (typeof value === 'string' && value.startsWith(mark)) {
      const { start, end } = found[Number(value.slice(mark.length))] ?? { start: 0, end: 0 };
      issues.push({ path: path.join('.'), message: messageOf(text.slice(start, end)) });
    }
  };
  walk(marked, []);
  return issues;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // The route refuses it as `invalid_json`.
  }
}

function messageOf(literal: string): string {
  const shown = literal.length > MAX_SHOWN_CHARACTERS ? `${literal.slice(0, MAX_SHOWN_CHARACTERS)}…` : literal;
  return `A JSON number does not keep ${shown} exactly. Send it as text: "${shown}".`;
}
