import { describe, expect, it } from 'vitest';
import { unpackGif } from '../../src/images/gif-pixels.ts';

/** Codes of growing width, in blocks, with the number of bits before them. */
function packed(bits: number, codes: [code: number, width: number][], blockBytes = 255): Uint8Array {
  const text = codes.map(([code, width]) => [...code.toString(2).padStart(width, '0')].reverse().join('')).join('');
  const bytes = (text.match(/.{1,8}/g) ?? []).map((byte) =>
    Number.parseInt([...byte.padEnd(8, '0')].reverse().join(''), 2),
  );
  const blocks: number[] = [];
  for (let at = 0; at < bytes.length; at += blockBytes) {
    const block = bytes.slice(at, at + blockBytes);
    blocks.push(block.length, ...block);
  }
  return Uint8Array.from([bits, ...blocks, 0]);
}

describe('unpackGif', () => {
  // The codes are 4 for clear, 5 for the end, and from 6 on what was seen: 6 is 1 1, 7 is 1 1 1.
  const codes: [number, number][] = [
    [4, 3],
    [1, 3],
    [6, 3],
    [7, 3],
    [2, 4],
    [5, 4],
  ];

  it('repeats what was seen, also with a code that is just being made', () => {
    expect([...unpackGif(packed(2, codes), 0, 7)]).toEqual([1, 1, 1, 1, 1, 1, 2]);
  });

  it('reads codes across blocks', () => {
    expect([...unpackGif(packed(2, codes, 1), 0, 7)]).toEqual([1, 1, 1, 1, 1, 1, 2]);
  });

  it('begins anew after a clear code', () => {
    const cleared: [number, number][] = [
      [4, 3],
      [1, 3],
      [6, 3],
      [4, 3],
      [3, 3],
      [6, 3],
    ];

    expect([...unpackGif(packed(2, cleared), 0, 6)]).toEqual([1, 1, 1, 3, 3, 3]);
  });

  it('needs neither a clear code at the beginning nor an end', () => {
    expect([
      ...unpackGif(
        packed(2, [
          [1, 3],
          [6, 3],
        ]),
        0,
        3,
      ),
    ]).toEqual([1, 1, 1]);
  });

  it('gives fewer pixels if the data end too early', () => {
    expect(unpackGif(packed(2, codes), 0, 9)).toHaveLength(7);
    expect(unpackGif(packed(2, codes).subarray(0, 3), 0, 9)).toHaveLength(1);
  });

  it('refuses a code that stands for nothing, and a wrong number of bits', () => {
    expect(() =>
      unpackGif(
        packed(2, [
          [4, 3],
          [7, 3],
        ]),
        0,
        9,
      ),
    ).toThrow(RangeError);
    expect(() => unpackGif(packed(0, codes), 0, 9)).toThrow(RangeError);
    expect(() => unpackGif(packed(12, codes), 0, 9)).toThrow(RangeError);
  });
});
