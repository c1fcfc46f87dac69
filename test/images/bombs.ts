// Pictures whose headers are false or whose contents are hostile, made byte by byte.

const EXTENSION = 0x21;
const latin = (text: string) => Uint8Array.from(text, (character) => character.charCodeAt(0));

export function join(...parts: Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** This many zeros, deflated in the format of zlib to about a thousandth. */
export async function zeros(bytes: number): Promise<Uint8Array> {
  const source = new ReadableStream({
    start(controller) {
      for (let left = bytes; left > 0; left -= 1_000_000) controller.enqueue(new Uint8Array(Math.min(left, 1_000_000)));
      controller.close();
    },
  });
  return new Uint8Array(await new Response(source.pipeThrough(new CompressionStream('deflate'))).arrayBuffer());
}

function crc32(bytes: Uint8Array): number {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/** A chunk of a PNG. */
export function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = join(latin(type), data);
  const whole = new Uint8Array(body.length + 8);
  const view = new DataView(whole.buffer);
  view.setUint32(0, data.length);
  whole.set(body, 4);
  view.setUint32(body.length + 4, crc32(body));
  return whole;
}

/** A grey PNG whose header gives this size and these bits per pixel, with these chunks between header and end. */
export function aPngOf(
  width: number,
  height: number,
  chunks: [type: string, data: Uint8Array][],
  bits = 8,
): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = bits;
  return join(
    latin('\x89PNG\r\n\x1a\n'),
    chunk('IHDR', header),
    ...chunks.map(([type, data]) => chunk(type, data)),
    chunk('IEND', new Uint8Array(0)),
  );
}

/** A GIF with a screen of `screen` × `screen` pixels, whose only frame claims `frame` × `frame`. It holds `pixels` red pixels. */
export function aGifOf(screen: number, frame: number, pixels = frame * frame): Uint8Array {
  const size = (value: number) => [value & 255, value >> 8];
  // A clear code before each pixel keeps the codes at three bits. 4 is the clear code, 0 the pixel, 5 the end.
  const codes = [...Array.from({ length: pixels }, () => [4, 0]).flat(), 5];
  const packed = new Uint8Array(Math.ceil((codes.length * 3) / 8));
  for (const [index, code] of codes.entries()) {
    for (let bit = 0; bit < 3; bit++) {
      const at = index * 3 + bit;
      packed[at >> 3] = (packed[at >> 3] ?? 0) | (((code >> bit) & 1) << (at & 7));
    }
  }
  const blocks: Uint8Array[] = [];
  for (let at = 0; at < packed.length; at += 255) {
    const block = packed.subarray(at, at + 255);
    blocks.push(Uint8Array.from([block.length, ...block]));
  }
  return join(
    latin('GIF89a'),
    Uint8Array.from([...size(screen), ...size(screen), 0x80, 0, 0, 255, 0, 0, 0, 0, 255]),
    Uint8Array.from([EXTENSION, 0xf9, 4, 0, 0, 0, 0, 0]),
    Uint8Array.from([0x2c, 0, 0, 0, 0, ...size(frame), ...size(frame), 0, 2]),
    ...blocks,
    Uint8Array.from([0, 0x3b]),
  );
}

/** A WebP whose header gives `width` × `height`, around the frame of another WebP. */
export function aWebpOf(width: number, height: number, frame: Uint8Array): Uint8Array {
  const at = frame.findIndex((_, index) => /^VP8[L ]$/.test(String.fromCharCode(...frame.subarray(index, index + 4))));
  const size = (value: number) => [(value - 1) & 255, ((value - 1) >> 8) & 255, (value - 1) >> 16];
  const body = join(
    latin('WEBPVP8X'),
    Uint8Array.from([10, 0, 0, 0, 0, 0, 0, 0, ...size(width), ...size(height)]),
    frame.subarray(at),
  );
  const head = new Uint8Array(8);
  head.set(latin('RIFF'));
  new DataView(head.buffer).setUint32(4, body.length, true);
  return join(head, body);
}

/** A 24-bit BMP of one colour, given as [red, green, blue]. */
export function aBmp(width: number, height: number, colour: readonly number[]): Uint8Array {
  const row = Math.ceil((width * 3) / 4) * 4;
  const bytes = new Uint8Array(54 + row * height);
  const view = new DataView(bytes.buffer);
  bytes.set(latin('BM'));
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 54, true);
  view.setUint32(14, 40, true);
  view.setInt32(18, width, true);
  view.setInt32(22, height, true);
  view.setUint16(26, 1, true);
  view.setUint16(28, 24, true);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) bytes.set([...colour].reverse(), 54 + y * row + x * 3);
  }
  return bytes;
}

/** The same as a BMP of OS/2: its header has 12 bytes, with sizes of 2 bytes. */
export function anOs2Bmp(width: number, height: number, colour: readonly number[]): Uint8Array {
  const modern = aBmp(width, height, colour);
  const bytes = join(modern.subarray(0, 26), modern.subarray(54));
  const view = new DataView(bytes.buffer);
  view.setUint32(2, bytes.length, true);
  view.setUint32(10, 26, true);
  view.setUint32(14, 12, true);
  view.setUint16(18, width, true);
  view.setUint16(20, height, true);
  view.setUint16(22, 1, true);
  view.setUint16(24, 24, true);
  return bytes;
}

/** The same part again and again. */
export function repeat(part: Uint8Array, count: number): Uint8Array {
  const whole = new Uint8Array(part.length * count);
  for (let at = 0; at < whole.length; at += part.length) whole.set(part, at);
  return whole;
}
