// Measures a JSON text before it is parsed: a short text can become a tree of values that fills the memory.
import { DocumentError } from '../document-error.ts';
import { MAX_JSON_DEPTH, MAX_JSON_VALUES } from '../limits.ts';

const QUOTE = 34;
const COMMA = 44;
const BACKSLASH = 92;
const OPENING = [91, 123];
const CLOSING = [93, 125];

/**
 * The depth of a JSON text; 0 for a value that is neither an array nor an object.
 * @throws DocumentError `document_too_large` beyond MAX_JSON_DEPTH or MAX_JSON_VALUES
 */
export function scanJson(text: string): { depth: number } {
  let depth = 0;
  let deepest = 0;
  let values = 1;
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (quoted) {
      if (code === BACKSLASH) at++;
      else if (code === QUOTE) quoted = false;
    } else if (code === QUOTE) quoted = true;
    else if (code === COMMA) values++;
    else if (OPENING.includes(code)) {
      values++;
      deepest = Math.max(deepest, ++depth);
    } else if (CLOSING.includes(code)) depth--;
    if (depth > MAX_JSON_DEPTH)
      throw new DocumentError('document_too_large', `The JSON is nested deeper than ${MAX_JSON_DEPTH} levels.`);
    if (values > MAX_JSON_VALUES)
      throw new DocumentError('document_too_large', `The JSON has more than ${MAX_JSON_VALUES} values.`);
  }
  return { depth: deepest };
}
