import { describe, expect, it } from 'vitest';
import { asUtf8, decodeText, encodingOf, readDecoded } from '../../src/documents/encoding.ts';
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

describe('a text without a mark', () => {
  const attempts = async (bytes: Uint8Array) => {
    const encodings: string[] = [];
    const text = await readDecoded(bytes, async ({ encoding }) => {
      encodings.push(encoding);
      return decodeText(bytes, encoding);
    });
    return { encodings, text };
  };

  it('is read as UTF-8, and as windows-1252 when it is not valid UTF-8', async () => {
    expect(await attempts(new TextEncoder().encode('ä'))).toEqual({ encodings: ['utf-8'], text: 'ä' });
    expect(await attempts(Uint8Array.of(0x80))).toEqual({ encodings: ['utf-8', 'windows-1252'], text: '€' });
  });

  it('is not read again after any other error', async () => {
    const failing = readDecoded(new Uint8Array(), async () => {
      throw new Error('no');
    });

    await expect(failing).rejects.toThrow('no');
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
    for await (const part of asUtf8(stream, 'utf-16le')) parts.push(part);

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
