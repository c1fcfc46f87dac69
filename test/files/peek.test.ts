import { describe, expect, it } from 'vitest';
import { peek } from '../../src/files/peek.ts';

const bytes = Uint8Array.from({ length: 1000 }, (_, at) => at & 255);

/** A byte stream in pieces of 100 bytes. */
function stream(content = bytes): ReadableStream {
  let at = 0;
  return new ReadableStream({
    type: 'bytes',
    pull(controller) {
      if (at < content.length) controller.enqueue(content.slice(at, at + 100));
      at += 100;
      if (at >= content.length) controller.close();
    },
  });
}

describe('peek', () => {
  it.each([1, 150, 1000, 2000])('gives the first %i bytes, and passes all bytes on', async (count) => {
    const { head, stream: whole, passed } = await peek(stream(), count, bytes.length);

    expect(head).toEqual(bytes.slice(0, count));
    expect(new Uint8Array(await new Response(whole).arrayBuffer())).toEqual(bytes);
    await passed;
  });

  it('gives no bytes of an empty stream', async () => {
    const { head, stream: whole } = await peek(stream(new Uint8Array(0)), 10, 0);

    expect(head).toHaveLength(0);
    expect(await new Response(whole).text()).toBe('');
  });

  it('rejects when the stream is longer than announced', async () => {
    const { stream: whole, passed } = await peek(stream(), 10, 999);

    const reading = new Response(whole).arrayBuffer().catch(() => {});
    await expect(passed).rejects.toThrow('too many bytes');
    await reading;
  });

  it('lets the reader fail when the stream is shorter than announced', async () => {
    const { stream: whole } = await peek(stream(), 10, 1001);

    await expect(new Response(whole).arrayBuffer()).rejects.toThrow('did not see all expected bytes');
  });
});
