// Runs the decoder over the segments of a JPEG (ITU-T T.81, annex B): passes it the tables, and the parameters of each scan.
import { ImageError } from './image-error.ts';
import type { JpegExports } from './jpeg-exports.ts';
import { isFrameHeader, type JpegFrame, segmentLength, segments } from './jpeg-frame.ts';

const DHT = 0xc4;
const SOS = 0xda;
const DQT = 0xdb;
const DRI = 0xdd;

/** An MCU may have no more blocks than this. */
const MAX_BLOCKS = 10;
const MAX_BIT = 13;

const FAULTS: Record<number, string> = {
  1: 'its picture data cannot be decoded',
  2: 'a part of its picture data is missing',
  3: 'a restart marker of its picture data is missing or in the wrong order',
};

/** What the headers before a scan said. */
interface State {
  jpeg: JpegExports;
  bytes: Uint8Array;
  frame: JpegFrame;
  /** The factors of each quantization table, in the order of the file. */
  factors: Map<number, Uint16Array>;
  restartInterval: number;
  /** Where the decoder wants the factors of each component; 0 once it has them. */
  factorsAt: number[];
}

/** One scan: its data, its components, and which bits of which coefficients it sends. */
interface Scan {
  data: Uint8Array;
  members: { index: number; dc: number; ac: number }[];
  from: number;
  to: number;
  high: number;
  low: number;
}

/**
 * Passes all scans to `read`, in their order; the decoder has their parameters by then. A picture in one scan is read until that
 * one ends.
 * @param factorsAt where the decoder wants the factors of each component
 * @throws ImageError `broken_image`
 */
export function runScans(
  jpeg: JpegExports,
  bytes: Uint8Array,
  frame: JpegFrame,
  factorsAt: number[],
  read: (data: Uint8Array) => void,
): void {
  const state: State = { jpeg, bytes, frame, factors: new Map(), restartInterval: 0, factorsAt: [...factorsAt] };
  let hasFrame = false;
  for (const { code, at } of segments(bytes)) {
    const segment = bytes.subarray(at + 3, at + 1 + segmentLength(bytes, at));
    if (code === DQT) readFactors(segment, state.factors);
    if (code === DHT) readTables(segment, jpeg);
    if (code === DRI) state.restartInterval = ((segment[0] ?? 0) << 8) | (segment[1] ?? 0);
    if (isFrameHeader(code)) {
      if (hasFrame) throw broken('it has two frames');
      hasFrame = true;
    }
    if (code !== SOS) continue;
    const scan = readScanHeader(segment, frame, bytes.subarray(at + 1 + segmentLength(bytes, at)));
    begin(scan, state);
    read(scan.data);
    if (frame.inOneScan) return;
  }
  if (state.factorsAt.some((address) => address !== 0)) throw broken('it has no picture data for one of its colours');
}

/** @throws ImageError `broken_image` if the decoder reported a fault */
export function checkFault(fault: number): void {
  if (fault !== 0) throw broken(FAULTS[fault] ?? 'it cannot be decoded');
}

function begin({ members, from, to, high, low }: Scan, state: State): void {
  const { jpeg, frame, restartInterval } = state;
  jpeg.beginScan(frame.progressive, from, to, high, low, restartInterval);
  for (const { index, dc, ac } of members) {
    jpeg.addMember(index, dc, ac);
    const address = state.factorsAt[index];
    if (!address) continue;
    const factors = state.factors.get(frame.quantization[index] ?? 0);
    if (!factors) throw broken('a quantization table is missing');
    new Uint16Array(jpeg.memory.buffer, address, 64).set(factors);
    state.factorsAt[index] = 0;
  }
}

function readFactors(segment: Uint8Array, factors: Map<number, Uint16Array>): void {
  for (let at = 0; at < segment.length; ) {
    const head = segment[at++] ?? 0;
    const size = head >> 4 === 0 ? 1 : 2;
    if (at + 64 * size > segment.length) throw broken('a quantization table is cut off');
    const table = Uint16Array.from({ length: 64 }, (_, index) =>
      size === 1
        ? (segment[at + index] ?? 0)
        : ((segment[at + 2 * index] ?? 0) << 8) | (segment[at + 2 * index + 1] ?? 0),
    );
    factors.set(head & 15, table);
    at += 64 * size;
  }
}

function readTables(segment: Uint8Array, jpeg: JpegExports): void {
  for (let at = 0; at < segment.length; ) {
    const head = segment[at++] ?? 0;
    const count = segment.subarray(at, at + 16).reduce((sum, more) => sum + more, 0);
    const end = at + 16 + count;
    const isTable = (head & 0xec) === 0 && count <= 256 && end <= segment.length;
    if (!isTable) throw broken('a Huffman table is cut off');
    new Uint8Array(jpeg.memory.buffer, jpeg.DEFINITION.value, end - at).set(segment.subarray(at, end));
    if (!jpeg.buildTable((head >> 4) * 4 + (head & 3))) throw broken('a Huffman table has too many codes');
    at = end;
  }
}

function readScanHeader(segment: Uint8Array, frame: JpegFrame, data: Uint8Array): Scan {
  const count = segment[0] ?? 0;
  const members = Array.from({ length: count }, (_, member) => {
    const tables = segment[2 + 2 * member] ?? 0;
    return { index: frame.ids.indexOf(segment[1 + 2 * member] ?? -1), dc: tables >> 4, ac: tables & 15 };
  });
  const [from = 0, to = 0, bits = 0] = segment.subarray(1 + 2 * count);
  const scan = { data, members, from, to, high: bits >> 4, low: bits & 15 };
  if (segment.length < 4 + 2 * count || !isPossible(scan, frame)) throw broken('the header of a scan is wrong');
  return scan;
}

function isPossible({ members, from, to, high, low }: Scan, { progressive, sampling }: JpegFrame): boolean {
  const blocks = members.reduce((sum, { index }) => {
    const { horizontal, vertical } = sampling[index] ?? { horizontal: 0, vertical: 0 };
    return sum + horizontal * vertical;
  }, 0);
  const isDistinct = new Set(members.map(({ index }) => index)).size === members.length;
  const areKnown = members.length > 0 && members.every(({ index, dc, ac }) => index >= 0 && dc < 4 && ac < 4);
  if (!isDistinct || !areKnown || (members.length > 1 && blocks > MAX_BLOCKS)) return false;
  if (!progressive) return true;
  const isRange = from === 0 ? to === 0 : members.length === 1 && from <= to && to < 64;
  return isRange && low <= MAX_BIT && (high === 0 || high === low + 1);
}

function broken(fault: string): ImageError {
  return new ImageError('broken_image', `The JPEG is damaged: ${fault}.`);
}
