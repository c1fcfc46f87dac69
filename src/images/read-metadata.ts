// Reads what a camera wrote into the picture: its name and the time, and the place only if asked. Damaged metadata must
// never make a picture fail: it counts as no metadata.
import { findExif } from './find-exif.ts';
import type { SourceFormat } from './sniff-format.ts';

export interface Metadata {
  cameraMake: string | null;
  cameraModel: string | null;
  /** The time of the camera's clock: ISO 8601, with an offset from UTC only if the camera stored one. */
  takenAt: string | null;
  /** In degrees. Present only if asked for; null when the picture does not contain it. */
  gps?: { latitude: number; longitude: number } | null;
}

const MAX_CHARACTERS = 100;
/** Example: `2026:01:31 12:00:00` */
const EXIF_DATE = /^(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)/;

/** Reads the EXIF of a JPEG, PNG or WebP. */
export async function readMetadata(
  bytes: Uint8Array,
  format: SourceFormat,
  { gps = false }: { gps?: boolean } = {},
): Promise<Metadata> {
  const exif = findExif(bytes, format);
  const { default: exifr } = await import('exifr');
  const tags = ((exif && (await exifr.parse(exif, TAGS).catch(() => undefined))) ?? {}) as Record<string, unknown>;
  const place = gps && exif ? await exifr.gps(exif).catch(() => undefined) : undefined;
  return {
    cameraMake: textOf(tags.Make),
    cameraModel: textOf(tags.Model),
    takenAt: instantOf(tags.DateTimeOriginal, tags.OffsetTimeOriginal),
    ...(gps && { gps: isOnEarth(place) ? { latitude: place.latitude, longitude: place.longitude } : null }),
  };
}

/** Values stay raw, because exifr would read the camera's local time as the local time of this machine. */
const TAGS = {
  pick: ['Make', 'Model', 'DateTimeOriginal', 'OffsetTimeOriginal'],
  reviveValues: false,
  xmp: false,
  icc: false,
  iptc: false,
  jfif: false,
  ihdr: false,
} satisfies Parameters<typeof import('exifr').parse>[1];

function textOf(value: unknown): string | null {
  if (typeof value !== 'string') return null;
  return (
    value
      .replace(/\p{Cc}/gu, '')
      .trim()
      .slice(0, MAX_CHARACTERS)
      .toWellFormed() || null
  );
}

function instantOf(date: unknown, offset: unknown): string | null {
  const [, year, month, day, hour, minute, second] = String(date).match(EXIF_DATE) ?? [];
  if (year === undefined) return null;
  const zone = String(offset).match(/^([+-]\d\d:\d\d)/)?.[1] ?? '';
  const text = `${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`;
  return Number.isNaN(Date.parse(text)) ? null : text;
}

function isOnEarth(place: { latitude: number; longitude: number } | undefined): place is {
  latitude: number;
  longitude: number;
} {
  return place !== undefined && Math.abs(place.latitude) <= 90 && Math.abs(place.longitude) <= 180;
}
