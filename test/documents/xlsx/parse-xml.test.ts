import { describe, expect, it } from 'vitest';
import { attributeOf, parseXml } from '../../../src/documents/xlsx/parse-xml.ts';
import { sourceOf } from '../source.ts';

async function events(content: string | Uint8Array, chunkBytes?: number) {
  const seen: string[] = [];
  const stream = await sourceOf(content, chunkBytes).open();
  await parseXml(stream, {
    open: (name, attributes) => seen.push(`<${name}${Object.keys(attributes).join()}`),
    text: (text) => seen.push(text),
    close: (name) => seen.push(`>${name}`),
  });
  return seen.join(' ');
}

describe('an XML part', () => {
  it('is read as tags without prefixes and as texts, in chunks of any size', async () => {
    const xml = '\ufeff<?xml version="1.0"?><x:a b="1"><c/>&amp;&#228;<![CDATA[<ü>]]></x:a>';

    for (const chunkBytes of [1, 3, 1_000]) {
      const seen = await events(xml, chunkBytes);
      expect(seen.replace(/ /g, '')).toBe('<ab<c>c&ä<ü>>a');
    }
  });

  it('may be UTF-16', async () => {
    const bytes = [...'\ufeff<a>ü</a>'].flatMap((c) => [c.charCodeAt(0) >> 8, c.charCodeAt(0) & 255]);

    expect(await events(Uint8Array.from(bytes))).toBe('<a ü >a');
  });

  it.each(['<a><b></a>', '<a', '', '<a>&unknown;</a>', '<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'])(
    'that is not well-formed, or has entities of its own, is refused: %j',
    async (xml) => {
      await expect(events(xml)).rejects.toThrow();
    },
  );

  it('stops when the attempt is stopped', async () => {
    const stream = await sourceOf(`<a>${'<b/>'.repeat(500_000)}</a>`).open();

    await expect(parseXml(stream, {}, AbortSignal.abort(new Error('stopped')))).rejects.toThrow('stopped');
  });
});

it('an attribute may have any prefix', () => {
  expect(attributeOf({ 'rel:id': 'rId7', sheetId: '1' }, 'id')).toBe('rId7');
  expect(attributeOf({ id: '1' }, 'id')).toBe('1');
  expect(attributeOf({}, 'id')).toBeUndefined();
});
