// Sums up JSON records: their types, which keys they have, how often and with values of which types, and the first few records.
import { MAX_KEYS, MAX_SAMPLE_CHARACTERS, SAMPLE_ITEMS } from '../limits.ts';

export type JsonType = 'null' | 'boolean' | 'number' | 'string' | 'array' | 'object';

export interface KeySummary {
  key: string;
  count: number;
  types: Partial<Record<JsonType, number>>;
}

export interface ProfileFacts {
  /** How many records of each type there are. */
  types: Partial<Record<JsonType, number>>;
  /** The keys of the records that are objects, the most frequent first. */
  keys: KeySummary[];
  /** True when there are more than MAX_KEYS different keys; the others are not counted. */
  keys_capped: boolean;
}

export interface Profile {
  add(record: unknown): void;
  facts(): ProfileFacts;
  /** The first records, as many as fit into MAX_SAMPLE_CHARACTERS together. */
  sample(): unknown[];
}

const MAX_KEY_CHARACTERS = 200;

/** A profile to which records are added one by one. It holds at most MAX_KEYS keys and one sample. */
export function createProfile(): Profile {
  const types: ProfileFacts['types'] = {};
  const keys = new Map<string, KeySummary>();
  const sample: unknown[] = [];
  let room = MAX_SAMPLE_CHARACTERS;
  let capped = false;

  const countKey = (name: string, value: unknown) => {
    const key = name.slice(0, MAX_KEY_CHARACTERS);
    let known = keys.get(key);
    if (!known && keys.size >= MAX_KEYS) {
      capped = true;
      return;
    }
    known ??= { key, count: 0, types: {} };
    keys.set(key, known);
    known.count++;
    tally(known.types, value);
  };

  return {
    add(record) {
      tally(types, record);
      if (typeOf(record) === 'object') {
        for (const [key, value] of Object.entries(record as object)) countKey(key, value);
      }
      if (sample.length >= SAMPLE_ITEMS || room <= 0) return;
      room -= JSON.stringify(record).length;
      if (room > 0) sample.push(record);
    },
    facts: () => ({ types, keys: [...keys.values()].sort((a, b) => b.count - a.count), keys_capped: capped }),
    sample: () => sample,
  };
}

/** The type of a JSON value, which typeof does not tell for null and arrays. */
export function typeOf(value: unknown): JsonType {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'array' : (typeof value as JsonType);
}

function tally(types: ProfileFacts['types'], value: unknown): void {
  const type = typeOf(value);
  types[type] = (types[type] ?? 0) + 1;
}
