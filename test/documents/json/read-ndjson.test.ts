import { describe, expect, it } from 'vitest';
import { readDocument } from '../../../src/documents/index.ts';
import { generated, OPTIONS, refusal, sourceOf } from '../source.ts';

const read = (content: string | Uint8Array) => readDocument(sourceOf(content), OPTIONS);

describe('JSON lines', () => {
  const good = (count: number) => Array.from({ length: count }, (_, n) => `{"n":${n}}`).join('\n');

  it.each([
    ['a second line that is not a record', `{"n":9}\nnope\n${good(3)}`, 1],
    ['no record after the first line', '{"n":9}\nnope\nnope', 2],
    ['a first line that is not a record', `garbage\n${good(3)}`, 1],
    ['a first line that is broken off', `{"n":\n${good(3)}`, 1],
    ['a first line of 70 KB', `{"n":"${'x'.repeat(70_000)}"}\n${good(3)}`, 0],
    ['a first line of 900 KB', `{"n":"${'x'.repeat(900_000)}"}\n${good(3)}`, 0],
    ['a first line of 70 KB that is broken off', `{"n":"${'x'.repeat(70_000)}\n${good(3)}`, 1],
    ['a second line of 70 KB below garbage', `garbage\n{"n":"${'x'.repeat(70_000)}"}\n${good(3)}`, 1],
    ['70 KB of broken lines before good ones', `${'{"n":\n'.repeat(14_000)}${good(20_000)}`, 14_000],
    ['broken lines that are nested too deeply together', `${'[\n'.repeat(600)}${good(700)}`, 600],
  ])('are recognised with %s', async (_, text, invalid) => {
    expect(await read(text)).toMatchObject({ kind: 'ndjson', facts: { invalid_lines: invalid } });
  });

  it.each([
    ['[\n{"n":1},\n{"n":2}\n]', 'json'],
    ['[\n{"n":1}\n,\n{"n":2}\n]', 'json'],
    ['{"n":1}\n', 'json'],
    [`[${good(1).padEnd(70_000)}\n]`, 'json'],
    ['note\n{"n":1}\n', 'csv'],
  ])('are not recognised in %j', async (text, kind) => {
    expect((await read(text)).kind).toBe(kind);
  });

  it('of nearly a megabyte each may together be larger than a JSON document', async () => {
    const { source } = generated(30_000_000, 30, () => `{"x":"${'y'.repeat(999_000)}"}\n`);

    expect(await readDocument(source, OPTIONS)).toMatchObject({ kind: 'ndjson', facts: { lines: 30 } });
  });

  it('are read as a stream, and lines that are not JSON are counted', async () => {
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

  it('have an integer that a JSON number does not keep as a text', async () => {
    expect(await read('{"id":1970670598291982290}\n{"id":7}\n{12345678901234567890:1}')).toMatchObject({
      facts: {
        invalid_lines: 1,
        keys: [{ key: 'id', types: { number: 1, string: 1 } }],
        number_note: expect.stringContaining('1 integer'),
      },
      content: { sample: [{ id: '1970670598291982290' }, { id: 7 }] },
    });
  });

  it('with an endless line are refused early', async () => {
    const { source, made } = generated(50_000_000, 500, (index) =>
      index === 0 ? '{"a":1}\n{"b":"' : 'x'.repeat(100_000),
    );

    expect(await refusal(readDocument(source, OPTIONS))).toMatchObject({ code: 'field_too_large' });
    expect(made()).toBeLessThan(30);
  });
});
