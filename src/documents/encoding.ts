// Decodes the text of a file: UTF-16 if its byte order mark says so, UTF-8 if the bytes are valid UTF-8, otherwise windows-1252.

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** What a report says about the encoding. */
export interface EncodingFacts {
  encoding: Encoding;
  /** Why this encoding was used, if the file itself does not say it; otherwise null. */
  encoding_note: string | null;
}

/** The text was read as UTF-8 and is not valid UTF-8. */
class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
}

/** The encoding that the byte order mark gives; undefined without a mark. */
export function encodingOf(head: Uint8Array): Encoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined;
}

/** Reads a text that begins with `head`, by its mark or as UTF-8. If it is not valid UTF-8, reads it again as windows-1252. */
export async function readDecoded<Report>(
  head: Uint8Array,
  read: (facts: EncodingFacts) => Promise<Report>,
): Promise<Report> {
  try {
    return await read({ encoding: encodingOf(head) ?? 'utf-8', encoding_note: null });
  } catch (error) {
    if (!(error instanceof NotUtf8)) throw error;
    const note = 'The text is not valid UTF-8, so it was read as windows-1252.';
    return await read({ encoding: 'windows-1252', encoding_note: note });
  }
}

/** Decodes the bytes. Throws NotUtf8 when `encoding` is UTF-8 and the bytes are not. */
export function decodeText(bytes: Uint8Array, encoding: Encoding): string {
  return decodePiece(newDecoder(encoding), bytes, false);
}

/** Decodes a stream piece by piece, and passes on the bytes of each piece. Throws NotUtf8 at the first invalid byte. */
export async function* decoded(
  stream: ReadableStream<Uint8Array>,
  encoding: Encoding,
): AsyncGenerator<{ text: string; chunk: Uint8Array }> {
  const decoder = newDecoder(encoding);
  for await (const chunk of stream) yield { text: decodePiece(decoder, chunk, true), chunk };
  const chunk = new Uint8Array();
  yield { text: decodePiece(decoder, chunk, false), chunk };
}

/** Converts a stream to UTF-8. Throws NotUtf8 at the first invalid byte. */
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
    throw new NotUtf8('The text is not valid UTF-8.', { cause: error });
  }
}
