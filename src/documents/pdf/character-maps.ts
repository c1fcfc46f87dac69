// Gives PDF.js the predefined character maps of Chinese, Japanese and Korean fonts (ISO 32000-1, 9.7.5.2). They are files in
// src/documents/assets/cmaps, and each is loaded when a document names it.

/** The part of ReadOptions that finds the files. */
type Asset = ((path: string) => Promise<Uint8Array | undefined>) | undefined;

/** Options of PDF.js. */
export function characterMaps(asset: Asset) {
  class BinaryDataFactory {
    async fetch({ kind, filename }: { kind: string; filename: string }): Promise<Uint8Array> {
      const name = filename.replace('.bcmap', '');
      const bytes = kind === 'cMapUrl' && /^[\w-]+$/.test(name) ? await asset?.(`cmaps/${filename}`) : undefined;
      if (!bytes) throw new Error(`there is no predefined character map ${name}`);
      return bytes;
    }
  }
  return { BinaryDataFactory, cMapUrl: 'cmaps/', cMapPacked: true, useWorkerFetch: false };
}
