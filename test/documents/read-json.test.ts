import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/documents/index.ts';
import { generated, OPTIONS, sourceOf } from './source.ts';

const read = (content: string | Uint8Array) => readDocument(sourceOf(content), OPTIONS);
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
        encoding: 'utf-8',
        encoding_note: null,
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

  it('that is a little too large is told so in bytes', async () => {
    const error = await refusal(read(`["${'x'.repeat(25_000_000)}"]`));

    expect(String(error)).toContain('may have 25,000,000 bytes; this one has 25,000,004 bytes');
  });

  it('counts at most so many keys, and leaves large items out of the sample', async () => {
    const wide = Object.fromEntries(Array.from({ length: 1_500 }, (_, index) => [`key ${index}`, 'x'.repeat(100)]));
    const report = await read(JSON.stringify([wide]));

    expect(report).toMatchObject({ facts: { keys_capped: true }, content: { sample: [] } });
    expect((report.facts as { keys: unknown[] }).keys).toHaveLength(1_000);
  });
});

describe('the encoding of JSON', () => {
  const latin1 = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));
  const utf16 = (text: string) =>
    latin1(
      [...`\ufeff${text}`]
        .map((c) => `${String.fromCharCode(c.charCodeAt(0) & 255)}${String.fromCharCode(c.charCodeAt(0) >> 8)}`)
        .join(''),
    );
  const lines = '{"a":"ü"}\n{"a":"ä"}\n';

  it.each([
    ['json', 'utf-16le', utf16('{"a":"ü"}'), [{ a: 'ü' }]],
    ['ndjson', 'utf-16le', utf16(lines), [{ a: 'ü' }, { a: 'ä' }]],
    ['json', 'windows-1252', latin1('{"a":"ü"}'), [{ a: 'ü' }]],
    ['ndjson', 'windows-1252', latin1(lines), [{ a: 'ü' }, { a: 'ä' }]],
    ['ndjson', 'windows-1252', latin1(`${'{"a":1}\n'.repeat(20_000)}{"a":"ü"}`), expect.anything()],
  ])('%s in %s is read, and no character of it lost', async (kind, encoding, bytes, sample) => {
    const note = encoding === 'windows-1252' ? expect.stringContaining('not valid UTF-8') : null;
    const expected = { kind, facts: { encoding, encoding_note: note }, content: { sample } };

    expect(await read(bytes)).toMatchObject(expected);
  });
});

describe('JSON lines', () => {
  const good = (count: number) => Array.from({ length: count }, (_, n) => `{"n":${n}}`).join('\n');

  it.each([
    ['a second line that is none', `{"n":9}\nnope\n${good(3)}`, 1],
    ['nothing but lines that are none below the first', '{"n":9}\nnope\nnope', 2],
    ['a first line that is none', `garbage\n${good(3)}`, 1],
    ['a first line that is broken off', `{"n":\n${good(3)}`, 1],
    ['a first line of 70 KB', `{"n":"${'x'.repeat(70_000)}"}\n${good(3)}`, 0],
    ['a first line of 900 KB', `{"n":"${'x'.repeat(900_000)}"}\n${good(3)}`, 0],
    ['a first line of 70 KB that is broken off', `{"n":"${'x'.repeat(70_000)}\n${good(3)}`, 1],
    ['a second line of 70 KB below garbage', `garbage\n{"n":"${'x'.repeat(70_000)}"}\n${good(3)}`, 1],
    ['70 KB of broken lines before good ones', `${'{"n":\n'.repeat(14_000)}${good(20_000)}`, 14_000],
    ['broken lines deeper together than JSON may be', `${'[\n'.repeat(600)}${good(700)}`, 600],
  ])('are known by %s', async (_, text, invalid) => {
    expect(await read(text)).toMatchObject({ kind: 'ndjson', facts: { invalid_lines: invalid } });
  });

  it.each([
    ['[\n{"n":1},\n{"n":2}\n]', 'json'],
    ['[\n{"n":1}\n,\n{"n":2}\n]', 'json'],
    ['{"n":1}\n', 'json'],
    [`[${good(1).padEnd(70_000)}\n]`, 'json'],
    ['note\n{"n":1}\n', 'csv'],
  ])('are not seen in %j', async (text, kind) => {
    expect((await read(text)).kind).toBe(kind);
  });

  it('of nearly a megabyte each are read beyond what one JSON document may have', async () => {
    const { source } = generated(30_000_000, 30, () => `{"x":"${'y'.repeat(999_000)}"}\n`);

    expect(await readDocument(source, OPTIONS)).toMatchObject({ kind: 'ndjson', facts: { lines: 30 } });
  });
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
