// Decodes the text of a file: by its byte order mark, as the caller says, as UTF-8, or at last as windows-1252.

/** The encodings that a caller may name. The platform's TextDecoder reads each as the Encoding Standard says. */
export const ENCODINGS = [
  'utf-8',
  'utf-16le',
  'utf-16be',
  'windows-874',
  'windows-1250',
  'windows-1251',
  'windows-1252',
  'windows-1253',
  'windows-1254',
  'windows-1255',
  'windows-1256',
  'windows-1257',
  'windows-1258',
  'iso-8859-2',
  'iso-8859-3',
  'iso-8859-4',
  'iso-8859-5',
  'iso-8859-6',
  'iso-8859-7',
  'iso-8859-8',
  'iso-8859-10',
  'iso-8859-13',
  'iso-8859-14',
  'iso-8859-15',
  'iso-8859-16',
  'koi8-r',
  'koi8-u',
  'macintosh',
  'x-mac-cyrillic',
  'ibm866',
  'shift_jis',
  'euc-jp',
  'iso-2022-jp',
  'gbk',
  'gb18030',
  'big5',
  'euc-kr',
] as const;

export type Encoding = (typeof ENCODINGS)[number];

/** The encoding that a label of the Encoding Standard means: `Shift_JIS`, `cp1251`, `latin1`. Other texts are returned as they are. */
export function encodingNamed(label: string): string {
  try {
    return new TextDecoder(label).encoding;
  } catch {
    return label;
  }
}

/** What a report says about the encoding. */
export interface EncodingFacts {
  encoding: Encoding;
  /** What a caller must know about the encoding: that it is a guess, or that bytes were not valid. Otherwise null. */
  encoding_note: string | null;
}

/** How a text is decoded. `strict`: an invalid byte throws NotValid; otherwise it becomes U+FFFD. */
export interface Decoding {
  encoding: Encoding;
  strict: boolean;
}

/** The text is not valid in the encoding in which it was read. */
class NotValid extends Error {
  override readonly name = 'NotValid';
}

/** The encoding that the byte order mark gives; undefined without a mark. */
export function encodingOf(head: Uint8Array): Encoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined;
}

/**
 * Reads a text that begins with `head`. If the text turns out not to be valid, `read` is called again: in the same encoding,
 * with U+FFFD for each invalid byte, if the mark, the caller or the head says the encoding; otherwise as windows-1252.
 */
export async function readDecoded<Report>(
  head: Uint8Array,
  wanted: Encoding | undefined,
  read: (decoding: Decoding, facts: EncodingFacts) => Promise<Report>,
): Promise<Report> {
  const marked = encodingOf(head);
  const encoding = marked ?? wanted ?? 'utf-8';
  const overruled = marked && wanted && marked !== wanted;
  const note = overruled ? `The file has the byte order mark of ${marked}, so it was not read as ${wanted}.` : null;
  try {
    return await read({ encoding, strict: true }, { encoding, encoding_note: note });
  } catch (error) {
    if (!(error instanceof NotValid)) throw error;
    if (marked || wanted || isMostlyUtf8(head)) {
      const invalid = `The text has bytes that are not valid ${encoding}. Each became the character U+FFFD.`;
      return read({ encoding, strict: false }, { encoding, encoding_note: note ? `${note} ${invalid}` : invalid });
    }
    const guess =
      'The text is not valid UTF-8, so it was read as windows-1252. If it has another encoding, name it in the option "encoding".';
    return read({ encoding: 'windows-1252', strict: false }, { encoding: 'windows-1252', encoding_note: guess });
  }
}

/** Decodes the bytes. Throws NotValid if `strict` and the bytes are not valid. */
export function decodeText(bytes: Uint8Array, decoding: Decoding): string {
  return decodePiece(newDecoder(decoding), bytes, false);
}

/** Decodes a stream piece by piece, and passes on the bytes of each piece. Throws NotValid at the first invalid byte. */
export async function* decoded(
  stream: ReadableStream<Uint8Array>,
  decoding: Decoding,
): AsyncGenerator<{ text: string; chunk: Uint8Array }> {
  const decoder = newDecoder(decoding);
  for await (const chunk of stream) yield { text: decodePiece(decoder, chunk, true), chunk };
  const chunk = new Uint8Array();
  yield { text: decodePiece(decoder, chunk, false), chunk };
}

/** Converts a stream to UTF-8. Throws NotValid at the first invalid byte. */
export async function* asUtf8(stream: ReadableStream<Uint8Array>, decoding: Decoding): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder();
  const unchanged = decoding.encoding === 'utf-8' && decoding.strict;
  for await (const { text, chunk } of decoded(stream, decoding)) yield unchanged ? chunk : encoder.encode(text);
}

/** True if the bytes have more characters of several bytes in valid UTF-8 than invalid bytes. Other encodings have hardly any. */
function isMostlyUtf8(head: Uint8Array): boolean {
  const text = new TextDecoder().decode(head, { stream: true });
  const invalid = text.match(/\ufffd/g)?.length ?? 0;
  const valid = text.match(/[^\0-\x7f\ufffd]/gu)?.length ?? 0;
  return valid > invalid;
}

function newDecoder({ encoding, strict }: Decoding): TextDecoder {
  return new TextDecoder(encoding, { fatal: strict, ignoreBOM: false });
}

function decodePiece(decoder: TextDecoder, bytes: Uint8Array, more: boolean): string {
  try {
    return decoder.decode(bytes, { stream: more });
  } catch (error) {
    throw new NotValid(`The text is not valid ${decoder.encoding}.`, { cause: error });
  }
}
