import { describe, expect, it } from 'vitest';
import { createProfile, typeOf } from '../../../src/documents/json/profile.ts';

function profileOf(records: unknown[]) {
  const profile = createProfile();
  for (const record of records) profile.add(record);
  return { ...profile.facts(), sample: profile.sample() };
}

describe('the profile of JSON records', () => {
  it('counts types of records, and keys with the types of their values', () => {
    expect(profileOf([{ a: 1 }, { b: null, a: 'x' }, 5])).toEqual({
      types: { object: 2, number: 1 },
      keys: [
        { key: 'a', count: 2, types: { number: 1, string: 1 } },
        { key: 'b', count: 1, types: { null: 1 } },
      ],
      keys_capped: false,
      sample: [{ a: 1 }, { b: null, a: 'x' }, 5],
    });
  });

  it('keeps a sample of at most 20 records and 100,000 characters', () => {
    expect(profileOf(Array.from({ length: 30 }, (_, n) => n)).sample).toHaveLength(20);
    expect(profileOf(['x'.repeat(60_000), 'x'.repeat(60_000), 'y']).sample).toHaveLength(1);
  });

  it('cuts long keys, and counts at most 1,000 of them', () => {
    const wide = Object.fromEntries(Array.from({ length: 1_001 }, (_, n) => [`${n}`.padEnd(300), n]));
    const { keys, keys_capped: capped } = profileOf([wide]);

    expect([keys.length, capped, keys[0]?.key.length]).toEqual([1_000, true, 200]);
  });

  it('tells null and arrays from objects', () => {
    expect([null, [], {}, 1, '', true].map(typeOf)).toEqual(['null', 'array', 'object', 'number', 'string', 'boolean']);
  });
});
