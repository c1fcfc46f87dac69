// Reads an XML part of a workbook as a stream of tags and texts. A part that is not well-formed is damaged.
import { SaxesParser } from 'saxes';

export interface XmlReader {
  /** `name` is without its prefix. */
  open?(name: string, attributes: Record<string, string>): void;
  text?(text: string): void;
  close?(name: string): void;
}

/** The parser works without a pause for this many characters, about 50 ms. Then others may work, and the signal is looked at. */
const CHARACTERS_PER_TURN = 1_000_000;

/** @throws the reader's errors, and an Error when the text is not well-formed XML */
export async function parseXml(
  stream: ReadableStream<Uint8Array>,
  reader: XmlReader,
  signal?: AbortSignal,
): Promise<void> {
  const parser = new SaxesParser<{ position: false; xmlns: false }>({ position: false, xmlns: false });
  if (reader.open) parser.on('opentag', ({ name, attributes }) => reader.open?.(local(name), attributes));
  if (reader.text) {
    parser.on('text', (text) => reader.text?.(text));
    parser.on('cdata', (text) => reader.text?.(text));
  }
  if (reader.close) parser.on('closetag', ({ name }) => reader.close?.(local(name)));
  let decoder: TextDecoder | undefined;
  let turn = 0;
  for await (const chunk of stream) {
    decoder ??= new TextDecoder(encodingOf(chunk), { fatal: true, ignoreBOM: false });
    const text = decoder.decode(chunk, { stream: true });
    parser.write(text);
    turn += text.length;
    if (turn < CHARACTERS_PER_TURN) continue;
    turn = 0;
    signal?.throwIfAborted();
    await scheduler.wait(0);
  }
  parser.write(decoder?.decode() ?? '');
  parser.close();
}

/** The attribute of this name, with or without a prefix. */
export function attributeOf(attributes: Record<string, string>, name: string): string | undefined {
  return attributes[name] ?? Object.entries(attributes).find(([key]) => key.endsWith(`:${name}`))?.[1];
}

function local(name: string): string {
  const colon = name.indexOf(':');
  return colon < 0 ? name : name.slice(colon + 1);
}

/** XML is UTF-8, or UTF-16 with a byte order mark. */
function encodingOf(chunk: Uint8Array): string {
  if (chunk[0] === 0xff && chunk[1] === 0xfe) return 'utf-16le';
  return chunk[0] === 0xfe && chunk[1] === 0xff ? 'utf-16be' : 'utf-8';
}
