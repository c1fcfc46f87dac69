// Decodes JPEG, baseline and progressive, at full size or 1/2 to 1/16 of it, with the WebAssembly of scripts/jpeg. A smaller pixel
// is the mean of the pixels that it covers, after their colours were converted, so it differs from that of a full decode by
// rounding only. The needed memory is estimated first, so that no work begins that does not fit.

import jpegModule from './jpeg.wasm';
import { type ColourConversion, coloursOf, conversionOf } from './jpeg-colours.ts';
import type { JpegExports } from './jpeg-exports.ts';
import { type JpegFrame, mostSampling } from './jpeg-frame.ts';
import { checkFault, runScans } from './jpeg-scans.ts';
import { CHANNELS, type Pixels } from './pixels.ts';
import { type Mix, type Taps, weightsOf } from './resample.ts';
import { WasmSlot } from './wasm-slot.ts';

/** By how much each side becomes smaller. */
export const REDUCTIONS = [1, 2, 4, 8, 16] as const;
export type Reduction = (typeof REDUCTIONS)[number];

const EMPTY_INSTANCE_BYTES = 0.4 * 2 ** 20;
/** The coefficients of a block, if all of them are large. */
const BLOCK_BYTES = 128;
/** Besides the samples: sums and weights, for each pixel of a row and each of its colours. */
const ROW_BYTES = 14;

/** The numbers of convert.ts. */
const CONVERSIONS: Record<ColourConversion, number> = { none: 0, ycc: 1, inks: 2, 'ycc-and-ink': 3 };

/** The data of the scan that is read now, and how much of it was read. */
let scan: Uint8Array = new Uint8Array(0);
let scanAt = 0;

export const jpegSlot: WasmSlot<JpegExports> = new WasmSlot(() => {
  const read = (to: number, bytes: number) => {
    const piece = scan.subarray(scanAt, scanAt + bytes);
    new Uint8Array(instance.memory.buffer, to, piece.length).set(piece);
    scanAt += piece.length;
    return piece.length;
  };
  const instance = new WebAssembly.Instance(jpegModule, { input: { read } }).exports as unknown as JpegExports;
  return instance;
});

/**
 * The most WebAssembly memory for decoding, in bytes: the pixels, some rows, and the coefficients if the file has several scans.
 * Most coefficients need half of this, and then the pixels take the place of those that were used.
 */
export function foreseeJpegBytes(frame: JpegFrame, reduction: Reduction): number {
  const { width, height, sampling } = frame;
  const most = mostSampling(frame);
  const share = sampling.reduce((sum, { horizontal, vertical }) => sum + horizontal * vertical, 0);
  const mcus = Math.ceil(width / 8 / most.horizontal) * Math.ceil(height / 8 / most.vertical);
  const coefficients = frame.inOneScan ? 0 : mcus * share * BLOCK_BYTES;
  const pixels = Math.ceil(width / reduction) * Math.ceil(height / reduction) * sampling.length;
  const rows = width * (sampling.length * (8 * most.vertical + ROW_BYTES) + ROW_BYTES);
  return EMPTY_INSTANCE_BYTES + coefficients + pixels + rows;
}

/**
 * Decodes the picture and passes the pixels to `use`. They are valid until `use` returns.
 * @throws ImageError `broken_image`
 */
export function decodeJpeg<T>(
  bytes: Uint8Array,
  frame: JpegFrame,
  reduction: Reduction,
  use: (pixels: Pixels) => T,
): T {
  return jpegSlot.run((jpeg) => {
    try {
      const at = decode(jpeg, bytes, frame, reduction);
      const [width, height] = [jpeg.outputWidth(), jpeg.outputHeight()];
      const colour = coloursOf(frame);
      const data = new Uint8Array(jpeg.memory.buffer, at, width * height * CHANNELS[colour]);
      return use({ data, width, height, colour });
    } finally {
      scan = new Uint8Array(0);
    }
  });
}

/** Returns the address of the pixels. */
function decode(jpeg: JpegExports, bytes: Uint8Array, frame: JpegFrame, reduction: Reduction): number {
  const { width, height, sampling, inOneScan } = frame;
  const most = mostSampling(frame);
  jpeg.begin();
  jpeg.setPicture(width, height, sampling.length, most.horizontal, most.vertical);
  const factorsAt = sampling.map(({ horizontal, vertical }, index) =>
    jpeg.setComponent(index, horizontal, vertical, !inOneScan),
  );
  const pixels = jpeg.setOutput(CONVERSIONS[conversionOf(bytes, frame)], Math.log2(reduction));
  const rows = Math.ceil(height / 8 / most.vertical);
  runScans(jpeg, bytes, frame, factorsAt, (data) => {
    [scan, scanAt] = [data, 0];
    if (!inOneScan) return checkFault(jpeg.readScan());
    for (let row = 0; row < rows; row++) {
      checkFault(jpeg.readRow());
      jpeg.drawRow(row);
    }
  });
  if (inOneScan) return pixels;
  for (let row = 0; row < rows; row++) {
    jpeg.rebuildRow(row);
    jpeg.drawRow(row);
  }
  return pixels;
}

/** The most rows that addRows() takes at once. */
const MOST_ROWS = 64;

/** Resizes the pixels that decodeJpeg() passes, in a fifth of the time that JavaScript takes. */
export const mixJpeg: Mix = (source, rows, columns, data) => {
  jpegSlot.run((jpeg) => {
    const { width: sourceWidth, data: pixels } = source;
    const bytes = sourceWidth * CHANNELS[source.colour];
    const width = columns.first.length;
    const count = writeColumns(jpeg, columns);
    const shared = new Int16Array(jpeg.memory.buffer, jpeg.WEIGHTS.value, MOST_ROWS);
    for (let y = 0; y < rows.first.length; y++) {
      const weights = weightsOf(rows, y);
      for (let from = 0; from < weights.length; from += MOST_ROWS) {
        const some = weights.subarray(from, from + MOST_ROWS);
        shared[some.length] = 0;
        shared.set(some);
        jpeg.addRows(pixels.byteOffset + ((rows.first[y] ?? 0) + from) * bytes, some.length, from === 0);
      }
      const length = width * CHANNELS[source.colour];
      data.set(new Uint8Array(jpeg.memory.buffer, jpeg.makeRow(width, count), length), y * length);
    }
  });
};

/** Returns the number of weights of each column, which is even. */
function writeColumns(jpeg: JpegExports, { first, weights, count }: Taps): number {
  const even = count + (count % 2);
  const at = jpeg.columnsAt();
  new Int32Array(jpeg.memory.buffer, at, first.length).set(first);
  const shared = new Int16Array(jpeg.memory.buffer, at + 4 * first.length, first.length * even);
  shared.fill(0);
  for (let x = 0; x < first.length; x++) shared.set(weights.subarray(x * count, (x + 1) * count), x * even);
  return even;
}
