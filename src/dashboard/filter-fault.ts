// Checks the filters of the list of tasks, from the search or from an address. A filter that is not known is named, with the
// nearest one that is; it is never left out. Pure.
import { closest, distance } from 'fastest-levenshtein';
import { QUEUES, SPANS, STATES } from './task-query.ts';

/** Why a filter cannot be applied. */
export interface Fault {
  message: string;
  /** The name or value that was probably meant. */
  nearest?: string | undefined;
}

/** Words that other systems use for a state. */
const OTHER_WORDS: Record<string, (typeof STATES)[number]> = {
  ...{ queued: 'PENDING', scheduled: 'PENDING', running: 'STARTED', active: 'STARTED' },
  ...{ ok: 'SUCCESS', done: 'SUCCESS', succeeded: 'SUCCESS', completed: 'SUCCESS' },
  ...{ failed: 'FAILURE', error: 'FAILURE', dead: 'FAILURE', cancelled: 'REVOKED', canceled: 'REVOKED' },
};

/** The filters that the search knows. An address may have more. */
export const QUALIFIERS = ['status', 'name', 'queue', 'tag', 'version'] as const;
const ADDRESS_ONLY = ['text', 'since', 'until', 'cursor'];

export function isQualifier(name: string): name is (typeof QUALIFIERS)[number] {
  return (QUALIFIERS as readonly string[]).includes(name);
}

export interface QueryFault extends Fault {
  /** The filters that were probably meant. */
  instead?: Record<string, string>;
}

/** The first fault of an address of the list; undefined if all its filters are good. */
export function faultOfQuery(query: URLSearchParams): QueryFault | undefined {
  for (const [name, value] of query) {
    const isKnown = ADDRESS_ONLY.includes(name) || isQualifier(name);
    const fault = isKnown ? faultOfValue(name, value) : faultOfName(name);
    if (!fault) continue;
    if (fault.nearest === undefined) return fault;
    const { [name]: _, ...others } = Object.fromEntries(query);
    return { ...fault, instead: { ...others, ...(isKnown ? { [name]: fault.nearest } : { [fault.nearest]: value }) } };
  }
  return undefined;
}

export function faultOfName(name: string): Fault {
  return unknown('filter', name, QUALIFIERS);
}

export function faultOfValue(name: string, value: string): Fault | undefined {
  const word = value.toLowerCase();
  const states = STATES.map((state) => state.toLowerCase());
  if (name === 'status' && !states.includes(word))
    return unknown('status', value, states, OTHER_WORDS[word]?.toLowerCase());
  if (name === 'queue' && !QUEUES.some((queue) => queue === word)) return unknown('queue', value, QUEUES);
  if (name === 'text' && value.trim().length < 2) return { message: 'A search needs at least 2 characters.' };
  if ((name === 'since' || name === 'until') && !(value in SPANS) && Number.isNaN(Date.parse(value)))
    return { message: `"${value}" is not a time. Use one such as 2026-11-24T12:00:00Z, or a span such as 1h.` };
  return undefined;
}

function unknown(kind: string, word: string, known: readonly string[], synonym?: string): Fault {
  const nearest = synonym ?? nearestOf(word, known);
  const advice = nearest === undefined ? `Use ${listed(known)}.` : `Did you mean "${nearest}"?`;
  return { message: `Unknown ${kind} "${word}". ${advice}`, nearest };
}

/** The word that starts alike, or else the one with the fewest different letters, if that is less than half of them or two. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const given = word.toLowerCase();
  const alike = known.find((one) => one.startsWith(given) || given.startsWith(one));
  if (alike !== undefined || known.length === 0) return alike;
  const best = closest(given, known);
  const different = distance(given, best);
  return different * 2 < best.length || different <= Math.min(2, given.length - 1) ? best : undefined;
}

function listed(words: readonly string[]): string {
  return `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}
