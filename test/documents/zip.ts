// Makes ZIP archives whose list of contents may be false.

export interface ZipEntry {
  name: string;
  packed: Uint8Array;
  /** The unpacked size that the list of contents gives. */
  bytes: number;
}

export function aZip(entries: ZipEntry[]): Uint8Array {
  const encoder = new TextEncoder();
  const parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array) => {
    parts.push(part);
    length += part.length;
  };
  const header = (size: number, fields: [offset: number, bytes: 2 | 4, value: number][]) => {
    const view = new DataView(new ArrayBuffer(size));
    for (const [offset, bytes, value] of fields) {
      if (bytes === 2) view.setUint16(offset, value, true);
      else view.setUint32(offset, value, true);
    }
    return new Uint8Array(view.buffer);
  };
  const placed = entries.map((entry) => {
    const name = encoder.encode(entry.name);
    const at = length;
    add(
      header(30, [
        [0, 4, 0x04034b50],
        [8, 2, 8],
        [18, 4, entry.packed.length],
        [22, 4, entry.bytes],
        [26, 2, name.length],
      ]),
    );
    add(name);
    add(entry.packed);
    return { ...entry, name, at };
  });
  const directory = length;
  for (const { name, packed, bytes, at } of placed) {
    add(
      header(46, [
        [0, 4, 0x02014b50],
        [10, 2, 8],
        [20, 4, packed.length],
        [24, 4, bytes],
        [28, 2, name.length],
        [42, 4, at],
      ]),
    );
    add(name);
  }
  add(
    header(22, [
      [0, 4, 0x06054b50],
      [8, 2, entries.length],
      [10, 2, entries.length],
      [12, 4, length - directory],
      [16, 4, directory],
    ]),
  );
  const zip = new Uint8Array(length);
  let at = 0;
  for (const part of parts) {
    zip.set(part, at);
    at += part.length;
  }
  return zip;
}
