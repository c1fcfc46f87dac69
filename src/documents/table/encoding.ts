// The bytes of a text as UTF-8, whatever they were: UTF-16 by its mark, UTF-8 where it is valid, else windows-1252.

export type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** Thrown where a text that was taken for UTF-8 proves to be something else. */
export class NotUtf8 extends Error {
  override readonly name = 'NotUtf8';
}

/** By the byte order mark; undefined without one. */
export function encodingOf(head: Uint8Array): Encoding | undefined {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  return head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? 'utf-8' : undefined;
}

/** The stream as UTF-8 chunks. Throws NotUtf8 in its midst when it was to be UTF-8 and is not. */
export async function* asUtf8(stream: ReadableStream<Uint8Array>, encoding: Encoding): AsyncGenerator<Uint8Array> {
  const decoder = new TextDecoder(encoding, { fatal: encoding === 'utf-8', ignoreBOM: false });
  const encoder = new TextEncoder();
  const decode = (chunk?: Uint8Array) => {
    try {
      return decoder.decode(chunk, { stream: chunk !== undefined });
    } catch (error) {
      throw new NotUtf8('the text is not valid UTF-8', { cause: error });
    }
  };
  for await (const chunk of stream) {
    const text = decode(chunk);
    yield encoding === 'utf-8' ? chunk : encoder.encode(text);
  }
  const rest = decode();
  if (encoding !== 'utf-8' && rest !== '') yield encoder.encode(rest);
}
