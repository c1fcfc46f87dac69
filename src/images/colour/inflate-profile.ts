// Inflates the profile of a PNG. It stops at a limit: 4 KB can inflate to 4 MB.

/** The largest profiles in use have 3 MB. */
const MAX_PROFILE_BYTES = 4_000_000;
const MAX_NAME_BYTES = 80;

/** The profile in the data of an iCCP chunk: a name, a 0, the method 0, and the deflated profile. Empty if it is damaged. */
export async function inflateProfile(chunk: Uint8Array): Promise<Uint8Array> {
  const name = chunk.subarray(0, MAX_NAME_BYTES).indexOf(0);
  const parts: Uint8Array[] = [];
  let length = 0;
  try {
    if (name === -1) throw new RangeError('no name');
    const packed = new Blob([chunk.subarray(name + 2)]).stream();
    for await (const part of packed.pipeThrough(new DecompressionStream('deflate'))) {
      parts.push(part);
      length += part.length;
      if (length > MAX_PROFILE_BYTES) throw new RangeError('too long');
    }
  } catch {
    return new Uint8Array(0);
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}
