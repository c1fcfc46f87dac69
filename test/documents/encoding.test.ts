import { describe, expect, it } from 'vitest';
import {
  asUtf8,
  decodeText,
  ENCODINGS,
  type Encoding,
  encodingNamed,
  encodingOf,
  readDecoded,
} from '../../src/documents/encoding.ts';
import { readDocument } from '../../src/documents/index.ts';
import { OPTIONS, sourceOf } from './source.ts';

const read = (content: string | Uint8Array) => readDocument(sourceOf(content), OPTIONS);

describe('the byte order mark', () => {
  it.each([
    [[0xff, 0xfe], 'utf-16le'],
    [[0xfe, 0xff], 'utf-16be'],
    [[0xef, 0xbb, 0xbf], 'utf-8'],
    [[0x61, 0x62], undefined],
  ])('%j means %s', (bytes, encoding) => {
    expect(encodingOf(Uint8Array.from(bytes))).toBe(encoding);
  });
});

it.each([
  ['Shift_JIS', 'shift_jis'],
  ['GBK', 'gbk'],
  ['EUC-KR', 'euc-kr'],
  ['Big5', 'big5'],
  ['cp1251', 'windows-1251'],
  ['latin1', 'windows-1252'],
  ['klingon', 'klingon'],
])('the label %s means %s', (label, encoding) => {
  expect(encodingNamed(label)).toBe(encoding);
});

it.each(ENCODINGS)('the platform reads %s', (encoding) => {
  expect(new TextDecoder(encoding).encoding).toBe(encoding);
  expect(encodingNamed(encoding)).toBe(encoding);
});

describe('a text without a mark', () => {
  const attempts = async (bytes: Uint8Array) => {
    const encodings: string[] = [];
    const text = await readDecoded(bytes, undefined, async (decoding) => {
      encodings.push(decoding.encoding);
      return decodeText(bytes, decoding);
    });
    return { encodings, text };
  };

  it('is read as UTF-8, and as windows-1252 when it is not valid UTF-8', async () => {
    expect(await attempts(new TextEncoder().encode('ä'))).toEqual({ encodings: ['utf-8'], text: 'ä' });
    expect(await attempts(Uint8Array.of(0x80))).toEqual({ encodings: ['utf-8', 'windows-1252'], text: '€' });
  });

  it('is not read again after any other error', async () => {
    const failing = readDecoded(new Uint8Array(), undefined, async () => {
      throw new Error('no');
    });

    await expect(failing).rejects.toThrow('no');
  });
});

describe('a text whose encoding the caller names', () => {
  const facts = async (bytes: number[], encoding?: Encoding) => {
    const report = await readDocument(sourceOf(Uint8Array.from(bytes)), { ...OPTIONS, encoding });
    if (report.kind !== 'csv') throw new Error(`a ${report.kind}`);
    return { ...report.facts, names: report.facts.columns.map(({ name }) => name) };
  };
  const ascii = (text: string) => [...text].map((character) => character.charCodeAt(0));

  it.each([
    ['windows-1251', [0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2], 'Привет'],
    ['shift_jis', [0x93, 0x8c, 0x8b, 0x9e, 0x83, 0x5c], '東京ソ'],
    ['gbk', [0xc4, 0xe3, 0xba, 0xc3], '你好'],
    ['euc-kr', [0xb0, 0xa1], '가'],
    ['big5', [0xa7, 0x41, 0xa6, 0x6e], '你好'],
    ['utf-16le', [0x2c, 0x67, 0x2c, 0x54], '本听'],
  ] as const)('is read as %s', async (encoding, bytes, text) => {
    expect(await facts([...bytes], encoding)).toMatchObject({ encoding, encoding_note: null, names: [text] });
  });

  it('has U+FFFD for bytes that are not valid, and the note says so', async () => {
    const report = await facts([...ascii('a'), 0x81, 0xff, ...ascii('b')], 'shift_jis');

    expect(report.names[0]).toMatch(/^a\ufffd+b$/);
    expect(report.encoding_note).toContain('U+FFFD');
  });

  it('follows its byte order mark all the same, and the note says so', async () => {
    const report = await facts([0xef, 0xbb, 0xbf, 0xc3, 0xa4], 'windows-1252');

    expect(report).toMatchObject({ encoding: 'utf-8', names: ['ä'] });
    expect(report.encoding_note).toContain('byte order mark');
  });
});

describe('a text in UTF-8 with a damaged character', () => {
  it('is not read as windows-1252 when its other characters are valid', async () => {
    const bytes = new Uint8Array([...new TextEncoder().encode('größe,straße\n1,2\n'), 0xe2, 0x82, 0x2c, 0x78]);
    const { facts } = await read(bytes);

    expect(facts).toMatchObject({ encoding: 'utf-8', columns: [{ name: 'größe' }, { name: 'straße' }] });
    expect((facts as { encoding_note: string }).encoding_note).toContain('not valid utf-8');
  });
});

describe('a stream', () => {
  it('becomes UTF-8, although a chunk ends in the middle of a character', async () => {
    const chunks = [Uint8Array.of(0xff, 0xfe, 0x41), Uint8Array.of(0x00, 0xac), Uint8Array.of(0x20)];
    const stream = new ReadableStream({
      start(controller) {
        for (const chunk of chunks) controller.enqueue(chunk);
        controller.close();
      },
    });
    const parts: Uint8Array[] = [];
    for await (const part of asUtf8(stream, { encoding: 'utf-16le', strict: true })) parts.push(part);

    expect(new TextDecoder().decode(Uint8Array.from(parts.flatMap((part) => [...part])))).toBe('A€');
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
  ])('of %s in %s loses no character', async (kind, encoding, bytes, sample) => {
    const note = encoding === 'windows-1252' ? expect.stringContaining('not valid UTF-8') : null;
    const expected = { kind, facts: { encoding, encoding_note: note }, content: { sample } };

    expect(await read(bytes)).toMatchObject(expected);
  });
});
