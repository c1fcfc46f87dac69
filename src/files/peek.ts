// The first bytes of a stream, and the stream as if nobody had looked. Holds no more of it than those bytes.

export interface Peeked {
  head: Uint8Array;
  /** All of the stream, the head included, with a known length. */
  stream: ReadableStream;
  /** Resolves when the source has been passed on whole; rejects when it broke, or was longer or shorter than `length`. */
  passed: Promise<void>;
}

/** Reads up to `bytes` bytes of a byte stream that is `length` bytes long, and passes on all of it. */
export async function peek(source: ReadableStream, bytes: number, length: number): Promise<Peeked> {
  const reader = source.getReader({ mode: 'byob' });
  const { value } = await reader.readAtLeast(bytes, new Uint8Array(bytes));
  reader.releaseLock();
  const head = value ?? new Uint8Array(0);
  const { readable, writable } = new FixedLengthStream(length);
  // The writer resolves only as somebody reads, so this runs beside the reading.
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
  await source.pipeTo(target);
}
