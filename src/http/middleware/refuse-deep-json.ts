// Refuses JSON that nests too deep. A schema for any JSON calls itself for each level, so a few thousand brackets would
// overflow the stack. This check reads the text once, without recursion, before the schemas do.
import { createMiddleware } from 'hono/factory';
import type { HttpContext, HttpEnv } from '../env.ts';
import { HttpProblem } from '../problem.ts';

/** Twice the depth of the deepest workflow. */
const MAX_DEPTH = 300;

/** Throws HttpProblem `invalid_request` for a JSON body with more than 300 levels. The body can still be read afterwards. */
export const refuseDeepJson = createMiddleware<HttpEnv>(async (c, next) => {
  if (isJson(c) && depthOf(await c.req.text()) > MAX_DEPTH) {
    const detail = `The body is nested more than ${MAX_DEPTH} levels deep. Send it with fewer levels.`;
    throw new HttpProblem('invalid_request', { detail });
  }
  await next();
});

/** True for a body that is read as JSON. */
export function isJson(c: HttpContext): boolean {
  return /^application\/([\w.-]+\+)?json\s*(;|$)/i.test(c.req.header('content-type') ?? '');
}

/** How many arrays and objects are nested in each other. For a text that is not JSON the number has no meaning. */
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
