import { describe, expect, it } from 'vitest';
import { decodeJpeg } from '../../src/images/jpeg-decoder.ts';
import { readJpegFrame } from '../../src/images/jpeg-frame.ts';
import { checkFault } from '../../src/images/jpeg-scans.ts';
import { join } from './bombs.ts';
import { fixture } from './fixture.ts';
import * as samples from './samples.ts';

const decode = (bytes: Uint8Array) => decodeJpeg(bytes, readJpegFrame(bytes), 1, ({ data }) => [...data]);

/** The position behind the first marker of this code. */
const behind = (bytes: Uint8Array, code: number) =>
  bytes.findIndex((byte, at) => byte === 0xff && bytes[at + 1] === code) + 2;

/** A copy with another byte at a distance behind the marker. */
function changed(bytes: Uint8Array, code: number, distance: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[behind(bytes, code) + distance] = value;
  return copy;
}

function without(bytes: Uint8Array, code: number): Uint8Array {
  const at = behind(bytes, code);
  const length = ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
  return join(bytes.subarray(0, at - 2), bytes.subarray(at + length));
}

const restarts = fixture('jpeg-420-restarts.jpg');
const progressive = fixture('jpeg-420-progressive.jpg');
const threeScans = fixture('jpeg-420-three-scans.jpg');

describe('the scans of a JPEG', () => {
  it.each([
    ['no quantization table', without(samples.grey, 0xdb), 'a quantization table is missing'],
    ['a cut off quantization table', changed(restarts, 0xdb, 1, 66), 'a quantization table is cut off'],
    ['a cut off Huffman table', changed(restarts, 0xc4, 3, 255), 'a Huffman table is cut off'],
    ['too many codes', changed(changed(restarts, 0xc4, 4, 5), 0xc4, 5, 1), 'a Huffman table has too many codes'],
    ['an unknown component', changed(restarts, 0xda, 3, 9), 'the header of a scan is wrong'],
    ['the same component twice', changed(restarts, 0xda, 5, 1), 'the header of a scan is wrong'],
    ['a table number of 7', changed(restarts, 0xda, 4, 0x77), 'the header of a scan is wrong'],
    ['a range that ends before it begins', changed(progressive, 0xda, 9, 9), 'the header of a scan is wrong'],
    ['restart markers in the wrong order', changed(restarts, 0xd1, -1, 0xd5), 'missing or in the wrong order'],
    [
      'no restart marker',
      restarts.filter((_, at) => ![0, 1].includes(behind(restarts, 0xd1) - 1 - at)),
      'restart marker',
    ],
    ['a part of a scan missing', cutBefore(restarts, 0xd2, 20), 'a part of its picture data is missing'],
    [
      'two frames',
      join(
        restarts.subarray(0, behind(restarts, 0xda) - 2),
        frameOf(restarts),
        restarts.subarray(behind(restarts, 0xda) - 2),
      ),
      'it has two frames',
    ],
    ['a colour that is in no scan', lastScanLeftOut(threeScans), 'no picture data for one of its colours'],
  ])('are refused with %s', (_, bytes, message) => {
    expect(() => decode(bytes)).toThrow(expect.objectContaining({ code: 'broken_image' }));
    expect(() => decode(bytes)).toThrow(message);
  });

  it('may have fill bytes before a marker and other segments between them', () => {
    const at = behind(progressive, 0xda) - 2;
    const filled = join(
      progressive.subarray(0, at),
      Uint8Array.of(0xff, 0xff, 0xff, 0xfe, 0, 4, 1, 2),
      progressive.subarray(at),
    );

    expect(decode(filled)).toEqual(decode(progressive));
  });

  it('give the same pixels in one scan, in three and with restarts', () => {
    expect(decode(threeScans)).toEqual(decode(restarts));
    expect(decode(progressive)).toEqual(decode(restarts));
  });
});

describe('checkFault', () => {
  it('throws for every fault but 0', () => {
    expect(() => checkFault(0)).not.toThrow();
    for (const fault of [1, 2, 3, 4]) expect(() => checkFault(fault)).toThrow('The JPEG is damaged');
  });
});

/** Leaves out bytes in front of a marker. */
function cutBefore(bytes: Uint8Array, code: number, count: number): Uint8Array {
  const at = behind(bytes, code) - 2;
  return join(bytes.subarray(0, at - count), bytes.subarray(at));
}

function frameOf(bytes: Uint8Array): Uint8Array {
  const at = behind(bytes, 0xc0);
  return bytes.subarray(at - 2, at + 17);
}

function lastScanLeftOut(bytes: Uint8Array): Uint8Array {
  const at = bytes.findLastIndex((byte, index) => byte === 0xff && bytes[index + 1] === 0xda);
  return join(bytes.subarray(0, at), Uint8Array.of(0xff, 0xd9));
}
