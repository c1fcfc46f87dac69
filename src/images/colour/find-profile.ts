// Finds what a picture says about its colours: an ICC profile or, in a PNG, one of its own chunks (PNG, third edition, 4.3).
import { joinBlocks } from '../gif-pixels.ts';
import { colourTableBytes, EXTENSION_BLOCK, endOfBlocks } from '../inner-size.ts';
import { headerSegments, segmentLength, startsWith } from '../jpeg-frame.ts';
import { type PngChunk, pngChunks } from '../lean-png.ts';
import type { SourceFormat } from '../sniff-format.ts';
import { signature, viewOf } from './bytes.ts';
import { inflateProfile } from './inflate-profile.ts';

/** `cicp` are the code points of ITU-T H.273; `gamma` and `chromaticities` are chunks of a PNG. */
export type Found =
  | { icc: Uint8Array }
  | { cicp: Uint8Array }
  | { gamma: Uint8Array | undefined; chromaticities: Uint8Array | undefined };

const APP2 = 0xe2;
const JPEG_NAME = 'ICC_PROFILE\0';
const GIF_NAME = 'ICCRGBG1012';
const APPLICATION = 0xff;
const BMP_PRIMARIES = 0;
/** The letters MBED and LINK, stored backwards. */
const BMP_EMBEDDED = 0x4445424d;
const BMP_LINKED = 0x4b4e494c;

/** Undefined if the picture says nothing, or that it is sRGB. */
export async function findProfile(bytes: Uint8Array, format: SourceFormat): Promise<Found | undefined> {
  if (format === 'png') return findInPng(bytes);
  const icc = { jpeg: jpegProfile, webp: webpProfile, bmp: bmpProfile, gif: gifProfile }[format](bytes);
  return icc && { icc };
}

/** A profile of a JPEG is cut into segments, each with its number from 1. */
export function jpegProfile(bytes: Uint8Array): Uint8Array | undefined {
  const parts: Uint8Array[] = [];
  for (const { code, at } of headerSegments(bytes)) {
    if (code !== APP2 || !startsWith(bytes, at, JPEG_NAME)) continue;
    const start = at + 3 + JPEG_NAME.length;
    parts[bytes[start] ?? 0] = bytes.subarray(start + 2, at + 1 + segmentLength(bytes, at));
  }
  const given = parts.filter((part) => part !== undefined);
  const whole = new Uint8Array(given.reduce((sum, { length }) => sum + length, 0));
  let to = 0;
  for (const part of given) {
    whole.set(part, to);
    to += part.length;
  }
  return whole.length === 0 ? undefined : whole;
}

/** The first of cICP, iCCP and sRGB counts, in this order; without them, gAMA and cHRM. They stand before the pixels. */
async function findInPng(bytes: Uint8Array): Promise<Found | undefined> {
  const found = new Map<string, Uint8Array>();
  for (const { type, start, end } of beforePixels(bytes)) {
    if (!found.has(type)) found.set(type, bytes.subarray(start + 8, Math.max(start + 8, end - 4)));
  }
  const cicp = found.get('cICP');
  if (cicp?.length === 4) return { cicp };
  const packed = found.get('iCCP');
  if (packed) return { icc: await inflateProfile(packed) };
  if (found.has('sRGB')) return undefined;
  const [gamma, chromaticities] = [found.get('gAMA'), found.get('cHRM')];
  return gamma || chromaticities ? { gamma, chromaticities } : undefined;
}

function* beforePixels(bytes: Uint8Array): Generator<PngChunk> {
  for (const chunk of pngChunks(bytes)) {
    if (chunk.type === 'IDAT') return;
    if (['cICP', 'iCCP', 'sRGB', 'gAMA', 'cHRM'].includes(chunk.type)) yield chunk;
  }
}

/** An extension of a GIF with this name holds a profile, in blocks. */
function gifProfile(bytes: Uint8Array): Uint8Array | undefined {
  const name = Uint8Array.from(GIF_NAME, (letter) => letter.charCodeAt(0));
  let at = 13 + colourTableBytes(bytes[10] ?? 0);
  for (; bytes[at] === EXTENSION_BLOCK; at = endOfBlocks(bytes, at + 2)) {
    if (bytes[at + 1] !== APPLICATION || !name.every((byte, index) => bytes[at + 3 + index] === byte)) continue;
    const start = at + 3 + name.length;
    return joinBlocks(bytes.subarray(0, endOfBlocks(bytes, start)), start);
  }
  return undefined;
}

function webpProfile(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  for (let at = 12; at + 8 <= bytes.length; ) {
    const size = view.getUint32(at + 4, true);
    if (signature(bytes, at) === 'ICCP') return bytes.subarray(at + 8, at + 8 + size);
    at += 8 + size + (size % 2);
  }
  return undefined;
}

/**
 * From its fourth version on, the header of a BMP says where its colours are described: in itself by three primaries, in a
 * profile behind the pixels or in another file. Only the profile is read; for the others, the result is an empty profile.
 */
function bmpProfile(bytes: Uint8Array): Uint8Array | undefined {
  const view = viewOf(bytes);
  const header = bytes.length < 14 + 108 ? 0 : view.getUint32(14, true);
  if (header !== 108 && header !== 124) return undefined;
  const space = view.getUint32(14 + 56);
  const gamma = [96, 100, 104].some((field) => view.getUint32(14 + field, true) !== 0);
  if (space === BMP_PRIMARIES) return gamma ? new Uint8Array(0) : undefined;
  if (space === BMP_LINKED) return new Uint8Array(0);
  if (space !== BMP_EMBEDDED || header !== 124 || bytes.length < 14 + 124) return undefined;
  const start = 14 + view.getUint32(14 + 112, true);
  return bytes.subarray(start, start + view.getUint32(14 + 116, true));
}
