import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../src/documents/index.ts';
import { OPTIONS, refusal, sourceOf } from '../source.ts';

const read = (content: string | Uint8Array) => readDocument(sourceOf(content), OPTIONS);

describe('JSON', () => {
  it('is summed up: type, length, depth, keys with their types, and a sample', async () => {
    const items = [{ id: 1, tag: null }, { id: 'x', nested: { list: [1] } }, 5];

    expect(await read(JSON.stringify(items))).toEqual({
      kind: 'json',
      facts: {
        type: 'array',
        length: 3,
        depth: 4,
        types: { object: 2, number: 1 },
        keys: [
          { key: 'id', count: 2, types: { number: 1, string: 1 } },
          { key: 'tag', count: 1, types: { null: 1 } },
          { key: 'nested', count: 1, types: { object: 1 } },
        ],
        keys_capped: false,
        number_note: null,
        encoding: 'utf-8',
        encoding_note: null,
      },
      content: { sample: items },
    });
  });

  it('with one object has this object as its sample', async () => {
    expect(await read('{"a": {"b": "}]"}}')).toMatchObject({
      facts: { type: 'object', length: 1, depth: 2 },
      content: { sample: [{ a: { b: '}]' } }] },
    });
  });

  it('has an integer that a JSON number does not keep as a text', async () => {
    expect(await read('[{"id":1970670598291982290,"n":1},{"id":-9007199254740993,"n":1e400}]')).toMatchObject({
      facts: {
        keys: [
          { key: 'id', types: { string: 2 } },
          { key: 'n', types: { number: 1, string: 1 } },
        ],
        number_note: expect.stringContaining('3 integers'),
      },
      content: {
        sample: [
          { id: '1970670598291982290', n: 1 },
          { id: '-9007199254740993', n: '1e400' },
        ],
      },
    });
  });

  it.each([
    ['invalid_json', '[1, 2'],
    ['invalid_json', '{"a": }'],
    ['document_too_large', '['.repeat(1_000_000)],
    ['document_too_large', `[${'{},'.repeat(1_000_000)}0]`],
    ['document_too_large', `["${'x'.repeat(25_000_000)}"]`],
  ])('is refused with %s: %.20s', async (code, text) => {
    expect(await refusal(read(text))).toMatchObject({ code });
  });

  it('that is slightly too large is refused with sizes in bytes', async () => {
    const error = await refusal(read(`["${'x'.repeat(25_000_000)}"]`));

    expect(String(error)).toContain('may have 25,000,000 bytes; this one has 25,000,004 bytes');
  });

  it('counts at most 1,000 keys, and leaves large items out of the sample', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`key ${index}`, 'x'.repeat(100)]));
    const report = await read(JSON.stringify([wide]));

    expect(report).toMatchObject({ facts: { keys_capped: true }, content: { sample: [] } });
    expect((report.facts as { keys: unknown[] }).keys).toHaveLength(1_000);
  });
});
