// Writes EXIF into a JPEG as a camera does: its name, the time and the place.

export interface ExifTags {
  make?: string;
  model?: string;
  orientation?: number;
  /** `2026:01:31 12:00:00` */
  takenAt?: string;
  /** `+02:00` */
  offset?: string;
  /** Whole degrees. */
  gps?: { latitude: number; longitude: number };
}

type Entry = [tag: number, type: number, count: number, value: number[]];

const ASCII = 2;
const SHORT = 3;
const LONG = 4;
const RATIONAL = 5;

/** The JPEG with an EXIF segment after its start marker. */
export function withExif(jpeg: Uint8Array, tags: ExifTags): Uint8Array {
  const payload = [...latin('Exif\0\0'), ...tiff(tags)];
  const length = payload.length + 2;
  const segment = [0xff, 0xe1, length >> 8, length & 255, ...payload];
  return Uint8Array.from([...jpeg.subarray(0, 2), ...segment, ...jpeg.subarray(2)]);
}

/** Big-endian: the main directory, then that of the camera, then that of the place. */
function tiff({ make, model, orientation, takenAt, offset, gps }: ExifTags): number[] {
  const main: Entry[] = [
    ...(make === undefined ? [] : [text(0x010f, make)]),
    ...(model === undefined ? [] : [text(0x0110, model)]),
    ...(orientation === undefined ? [] : [[0x0112, SHORT, 1, [0, orientation, 0, 0]] as Entry]),
  ];
  const camera = [
    ...(takenAt === undefined ? [] : [text(0x9003, takenAt)]),
    ...(offset === undefined ? [] : [text(0x9011, offset)]),
  ];
  const place: Entry[] = gps
    ? [
        text(1, gps.latitude < 0 ? 'S' : 'N'),
        [2, RATIONAL, 3, degrees(gps.latitude)],
        text(3, gps.longitude < 0 ? 'W' : 'E'),
        [4, RATIONAL, 3, degrees(gps.longitude)],
      ]
    : [];
  // Pointers have a fixed size, so the positions of the directories are known before they are written.
  const pointer = (tag: number, to: number): Entry => [tag, LONG, 1, uint32(to)];
  const mainBytes = directory([...main, pointer(0x8769, 0), pointer(0x8825, 0)], 8).length;
  const cameraAt = 8 + mainBytes;
  const placeAt = cameraAt + directory(camera, cameraAt).length;
  const whole = directory([...main, pointer(0x8769, cameraAt), pointer(0x8825, placeAt)], 8);
  const head = [...latin('MM'), 0, 42, ...uint32(8)];
  return [...head, ...whole, ...directory(camera, cameraAt), ...directory(place, placeAt)];
}

/** Entries of 12 bytes. Values that need more than 4 bytes follow after the entries. */
function directory(entries: Entry[], at: number): number[] {
  const head = [entries.length >> 8, entries.length & 255];
  const rest: number[] = [];
  const restAt = at + 2 + 12 * entries.length + 4;
  const rows = entries.flatMap(([tag, type, count, value]) => {
    const start = [tag >> 8, tag & 255, type >> 8, type & 255, ...uint32(count)];
    if (value.length <= 4) return [...start, ...value, ...Array<number>(4 - value.length).fill(0)];
    const pointer = uint32(restAt + rest.length);
    rest.push(...value, ...(value.length % 2 ? [0] : []));
    return [...start, ...pointer];
  });
  return [...head, ...rows, 0, 0, 0, 0, ...rest];
}

function text(tag: number, value: string): Entry {
  const bytes = [...new TextEncoder().encode(value), 0];
  return [tag, ASCII, bytes.length, bytes];
}

function degrees(value: number): number[] {
  return [Math.abs(value), 1, 0, 1, 0, 1].flatMap(uint32);
}

function uint32(value: number): number[] {
  return [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255];
}

function latin(value: string): number[] {
  return Array.from(value, (character) => character.charCodeAt(0));
}
