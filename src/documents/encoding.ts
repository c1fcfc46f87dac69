// The text of a file, whatever its bytes: UTF-16 by its mark, UTF-8 where it is valid, else windows-1252.

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** What a report says of it. */
export interface EncodingFacts {
  encoding: Encoding;
  /** Why the encoding was chosen, where the file does not say. */
  encoding_note: string | null;
}

/** Thrown where a text that was taken for UTF-8 proves to be something else. */
class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
}

/** By the byte order mark; undefined without one. */
export function encodingOf(head: Uint8Array): Encoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined;
}

/** Reads a text that begins with `head` by its mark, else as UTF-8; if it proves to be none, once more as windows-1252. */
export async function readDecoded<Report>(
  head: Uint8Array,
  read: (facts: EncodingFacts) => Promise<Report>,
): Promise<Report> {
  try {
    return await read({ encoding: encodingOf(head) ?? 'utf-8', encoding_note: null });
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    const note = 'the text is not valid UTF-8 and was read as windows-1252';
    return await read({ encoding: 'windows-1252', encoding_note: note });
  }
}

/** The bytes as text. Throws NotUtf8 when they were to be UTF-8 and are not. */
export function decodeText(bytes: Uint8Array, encoding: Encoding): string {
  return decodePiece(newDecoder(encoding), bytes, false);
}

/** The stream as text, with the bytes of each piece. Throws NotUtf8 in its midst. */
export async function* decoded(
  stream: ReadableStream<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<{ text: string; chunk: Uint8Array }> {
  const decoder = newDecoder(encoding);
  for await (const chunk of stream) yield { text: decodePiece(decoder, chunk, true), chunk };
  const chunk = new Uint8Array();
  yield { text: decodePiece(decoder, chunk, false), chunk };
}

/** The stream as UTF-8 chunks. Throws NotUtf8 in its midst. */
export async function* asUtf8(stream: ReadableStream<Uint8Array>, encoding: Encoding): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  for await (const { text, chunk } of decoded(stream, encoding))
    yield encoding === 'utf-8' ? chunk : encoder.encode(text);
}

function newDecoder(encoding: Encoding): TextDecoder {
  return new TextDecoder(encoding, { fatal: encoding === 'utf-8', ignoreBOM: false });
}

function decodePiece(decoder: TextDecoder, bytes: Uint8Array, more: boolean): string {
  try {
    return decoder.decode(bytes, { stream: more });
  } catch (error) {
    throw new NotUtf8('the text is not valid UTF-8', { cause: error });
  }
}
