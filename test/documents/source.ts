// Sources for tests: documents in memory, and documents that are made while they are read.
import type { ReadOptions, Source } from '../../src/documents/index.ts';

export const OPTIONS: ReadOptions = { maxRows: 1_000 };

export function sourceOf(content: string | Uint8Array, chunkBytes = 65_536): Source {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return {
    size: bytes.length,
    open: async (length = bytes.length) => {
      let at = 0;
      return new ReadableStream({
        pull(controller) {
          if (at >= length) return controller.close();
          controller.enqueue(bytes.slice(at, Math.min(length, at + chunkBytes)));
          at += chunkBytes;
        },
      });
    },
  };
}

/** A source whose chunks are made when they are read. `made()` returns how many were made. */
export function generated(size: number, chunks: number, chunk: (index: number) => string) {
  let made = 0;
  const encoder = new TextEncoder();
  const source: Source = {
    size,
    open: async (length = size) => {
      let index = 0;
      let left = length;
      return new ReadableStream(
        {
          pull(controller) {
            if (index >= chunks || left <= 0) return controller.close();
            const bytes = encoder.encode(chunk(index++)).subarray(0, left);
            made++;
            left -= bytes.length;
            controller.enqueue(bytes);
          },
        },
        { highWaterMark: 0 },
      );
    },
  };
  return { source, made: () => made };
}

/** The error of a promise that must reject; undefined when it resolves. */
export const refusal = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(
    () => undefined,
    (error: unknown) => error,
  );
