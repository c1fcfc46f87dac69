// Looks at the first bytes of a stream and passes the whole stream on. It must never hold more than those first bytes.

export interface Peeked {
  head: Uint8Array;
  /** The whole stream, including the head, with a known length. */
  stream: ReadableStream;
  /**
   * Resolves when the source was passed on. Rejects with SourceBroken when it broke, and when it was longer than `length` bytes. If it was shorter, reading
   * `stream` fails instead.
   */
  passed: Promise<void>;
}

/** The source broke before its end: its sender has gone. */
export class SourceBroken extends Error {
  override readonly name = 'SourceBroken';
}

/** Reads up to `bytes` bytes of a byte stream that is `length` bytes long, and passes all of it on. Throws SourceBroken. */
export async function peek(source: ReadableStream, bytes: number, length: number): Promise<Peeked> {
  const reader = source.getReader({ mode: 'byob' });
  const { value } = await reader.readAtLeast(bytes, new Uint8Array(bytes)).catch(asBroken);
  reader.releaseLock();
  const head = value ?? new Uint8Array(0);
  const { readable, writable } = new FixedLengthStream(length);
  // The writer continues only while the stream is read, so this must run beside the reading.
  const passed = passOn(head, source, writable);
  passed.catch(() => {});
  return { head, stream: readable, passed };
}

async function passOn(head: Uint8Array, source: ReadableStream, target: WritableStream): Promise<void> {
  const writer = target.getWriter();
  try {
    if (head.length > 0) await writer.write(head);
  } finally {
    writer.releaseLock();
  }
  try {
    await source.pipeTo(target);
  } catch (error) {
    // If the target failed, the source was cancelled, and reading it ends. A source that broke says so again.
    await source.getReader().read().catch(asBroken);
    throw error;
  }
}

function asBroken(error: unknown): never {
  throw new SourceBroken('The sender did not send the whole body.', { cause: error });
}
