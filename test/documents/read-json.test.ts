import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/documents/index.ts';
import { generated, OPTIONS, sourceOf } from './source.ts';

const read = (content: string) => readDocument(sourceOf(content), OPTIONS);
const refusal = (promise: Promise<unknown>) => promise.then(() => undefined).catch((error: unknown) => error);

describe('JSON', () => {
  it('is summed up: type, length, depth, keys with their types, a sample', async () => {
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
      },
      content: { sample: items },
    });
  });

  it('of one object has that object as its sample', async () => {
    expect(await read('{"a": {"b": "}]"}}')).toMatchObject({
      facts: { type: 'object', length: 1, depth: 2 },
      content: { sample: [{ a: { b: '}]' } }] },
    });
  });

  it.each([
    ['invalid_json', '[1, 2'],
    ['invalid_json', '{"a": }'],
    ['document_too_large', '['.repeat(1_000_000)],
    ['document_too_large', `[${'{},'.repeat(1_000_000)}0]`],
    ['document_too_large', `["${'x'.repeat(25_000_000)}"]`],
  ])('is refused: %s, %.20s', async (code, text) => {
    expect(await refusal(read(text))).toMatchObject({ code });
  });

  it('counts at most so many keys, and leaves large items out of the sample', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`key ${index}`, 'x'.repeat(100)]));
    const report = await read(JSON.stringify([wide]));

    expect(report).toMatchObject({ facts: { keys_capped: true }, content: { sample: [] } });
    expect((report.facts as { keys: unknown[] }).keys).toHaveLength(1_000);
  });
});

describe('JSON lines', () => {
  it('are read as a stream; a line that is no JSON is counted', async () => {
    const lines = (index: number) => `{"n":${index}}\n\n${index === 3 ? 'oops\n' : ''}[${index}]\n`;
    const { source } = generated(1_000, 50, lines);

    expect(await readDocument(source, OPTIONS)).toMatchObject({
      kind: 'ndjson',
      facts: {
        lines: 101,
        invalid_lines: 1,
        first_invalid_line: 12,
        depth: 1,
        types: { object: 50, array: 50 },
        keys: [{ key: 'n', count: 50, types: { number: 50 } }],
      },
      content: { sample: [{ n: 0 }, [0], { n: 1 }, [1], ...Array.from({ length: 16 }, () => expect.anything())] },
    });
  });

  it('with a line without end are refused early', async () => {
    const { source, made } = generated(50_000_000, 500, (index) =>
      index === 0 ? '{"a":1}\n{"b":"' : 'x'.repeat(100_000),
    );

    expect(await refusal(readDocument(source, OPTIONS))).toMatchObject({ code: 'field_too_large' });
    expect(made()).toBeLessThan(30);
  });
});
