// Reads the text of a search: an id, a file key, or words with and without a qualifier. Every word counts. Pure.
import { type Fault, faultOfName, faultOfValue, isQualifier } from './filter-fault.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** The end of an id: lists show its last 8 digits. */
const ID_END = /^[0-9a-f]{8,12}$/i;
const FILE_KEY = /^(?:\/?files\/)?((?:uploads|outputs)\/\S+)$/;
/** The form of definition names, such as `email.send`. */
const NAME = /^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$/;
/** `tag:order-17`, `tag:"order 17"`, or a word. */
const WORD = /(\w+):"([^"]*)"|(\S+)/g;

export type Search =
  /** A page of the dashboard. */
  | { path: string; query: Record<string, string> }
  /** Something with this id; the API knows what it is. */
  | { id: string }
  /** Something with an id that ends so. */
  | { idEnd: string }
  /** `instead`: the search that was probably meant. */
  | { fault: Fault; instead?: string };

export function readSearch(text: string): Search {
  const words = wordsOf(text);
  const [first] = words;
  if (words.length === 1 && first?.name === undefined) {
    const value = first?.value ?? '';
    const fileKey = value.match(FILE_KEY)?.[1];
    if (UUID.test(value)) return { id: value.toLowerCase() };
    if (ID_END.test(value)) return { idEnd: value.toLowerCase() };
    if (fileKey !== undefined) return { path: `/files/${encodeURIComponent(fileKey)}`, query: {} };
  }
  const query: Record<string, string> = {};
  for (const { written, name, value } of words) {
    if (name !== undefined) {
      const fault = faultOfQualifier(name, value, query);
      if (fault) return { fault, ...(fault.instead && { instead: text.replace(written, fault.instead) }) };
      query[name] = name === 'status' ? value.toUpperCase() : value;
    } else if (NAME.test(value) && query.name === undefined) query.name = value;
    else query.text = query.text === undefined ? value : `${query.text} ${value}`;
  }
  const tooShort = query.text === undefined ? undefined : faultOfValue('text', query.text);
  return tooShort ? { fault: tooShort } : { path: '/tasks', query };
}

/** Lists show the end of an id as `…b302a057`. */
export function withoutEllipsis(word: string): string {
  return word.replace(/^(…|\.\.\.)/, '');
}

export function hasIdEnd(text: string): boolean {
  return text.split(/\s+/).some((word) => ID_END.test(withoutEllipsis(word)));
}

interface Word {
  written: string;
  name?: string | undefined;
  value: string;
}

function wordsOf(text: string): Word[] {
  return [...text.matchAll(WORD)].map(([written, quotedName, quoted, plain = '']) => {
    if (quotedName !== undefined) return { written, name: quotedName, value: quoted ?? '' };
    const [, name, value] = plain.match(/^(\w+):(.*)$/) ?? [];
    return name === undefined ? { written, value: withoutEllipsis(plain) } : { written, name, value: value ?? '' };
  });
}

function faultOfQualifier(
  name: string,
  value: string,
  before: Record<string, string>,
): (Fault & { instead?: string | undefined }) | undefined {
  if (!isQualifier(name)) {
    const fault = faultOfName(name);
    return { ...fault, instead: fault.nearest && `${fault.nearest}:${value}` };
  }
  if (value === '') return { message: `The filter "${name}" needs a value, as in ${name}:${EXAMPLES[name]}.` };
  if (before[name] !== undefined && before[name] !== value)
    return { message: `The filter "${name}" can be used once. Remove ${name}:${before[name]} or ${name}:${value}.` };
  const fault = faultOfValue(name, value);
  return fault && { ...fault, instead: fault.nearest && `${name}:${fault.nearest}` };
}

const EXAMPLES = { status: 'failure', name: 'email.send', queue: 'email', tag: 'order-17', version: '1.4.2' };
