// Reads the numbers of an ICC profile (ICC.1:2022, clause 4). All are big-endian.

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** A signature of four letters. */
export function signature(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

/** s15Fixed16Number. */
export function fixed(view: DataView, at: number): number {
  return view.getInt32(at) / 65_536;
}
