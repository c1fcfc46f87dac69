// JSON that nests deeper than anybody means. Schemas of any JSON call themselves for each level, so that a few thousand
// brackets would overflow their stack; reading the text once, without nesting, tells before.
import { createMiddleware } from 'hono/factory';
import type { HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';

/** Twice what the deepest workflow needs. */
const MAX_DEPTH = 300;

/** Refuses a JSON body nested deeper than 300 levels: `invalid_request`. The text it reads stays with the request. */
export const refuseDeepJson = createMiddleware<HttpEnv>(async (c, next) => {
  if (c.req.header('content-type')?.includes('json') && depthOf(await c.req.text()) > MAX_DEPTH) {
    throw new HttpProblem('invalid_request', { detail: `the body is nested more than ${MAX_DEPTH} levels deep` });
  }
  await next();
});

/** How deep arrays and objects stand in each other. Of a text that is not JSON any number. */
export function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') at = endOfString(text, at);
    else if (character === '[' || character === '{') deepest = Math.max(deepest, ++depth);
    else if (character === ']' || character === '}') depth--;
  }
  return deepest;
}

function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text[end - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return end;
  }
  return text.length;
}
