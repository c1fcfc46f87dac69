import { describe, expect, it } from 'vitest';
import { decodeSrgb, encodeByte, encodeValue } from '../../../src/images/colour/srgb.ts';

describe('sRGB', () => {
  it('gives every byte back', () => {
    const bytes = Array.from({ length: 256 }, (_, byte) => byte);

    expect(bytes.map((byte) => encodeByte(decodeSrgb(byte / 255)))).toEqual(bytes);
  });

  it('cuts off what it cannot show', () => {
    expect([encodeByte(-1), encodeByte(2), encodeValue(-1), encodeValue(2)]).toEqual([0, 255, 0, 1]);
  });
});
