import { describe, expect, it } from 'vitest';
import type { Picture } from '../../../src/documents/index.ts';
import { join } from '../../images/bombs.ts';
import { aPhoto } from '../../support/photos.ts';
import { refusal } from '../source.ts';
import { write } from './writing.ts';

/** Half-transparent pixels, each of its own colour. */
function pixels(width: number, height: number) {
  const rgb = new Uint8Array(width * height * 3).map((_, at) => at * 7);
  const alpha = new Uint8Array(width * height).fill(128);
  return { format: 'pixels', rgb, alpha, width, height, orientation: 1 } as const;
}

describe('the pictures of a document', () => {
  it('are loaded and embedded once each, although they are shown twice', async () => {
    const photo = await aPhoto({ width: 300, height: 200, orientation: 6 });
    const pictures: Record<string, Picture> = {
      'uploads/a': { bytes: photo, format: 'jpeg', width: 200, height: 300, orientation: 6 },
      'uploads/b': pixels(20, 10),
    };
    let loads = 0;
    const load = async (key: string) => {
      loads++;
      return pictures[key]!;
    };
    const blocks = ['uploads/a', 'uploads/b', 'uploads/a', 'uploads/b'].map((image) => ({
      type: 'image',
      image,
      width: 90,
    }));
    const { bytes, pages } = await write({ blocks }, load);
    const once = await write({ blocks: blocks.slice(0, 2) }, load);

    expect(loads).toBe(4);
    expect(pages).toBe(1);
    expect(bytes.length - once.bytes.length).toBeLessThan(500);
  });

  it('are refused when one cannot be embedded, and when they are too large together', async () => {
    const blocks = ['uploads/a', 'uploads/b'].map((image) => ({ type: 'image', image }));
    const broken = { bytes: new Uint8Array(100), format: 'jpeg', width: 10, height: 10, orientation: 1 } as const;
    const large = { ...broken, bytes: join(await aPhoto({ width: 48, height: 32 }), new Uint8Array(11_000_000)) };
    const code = (picture: Picture) => refusal(write({ blocks }, async () => picture));

    expect(await code(broken)).toMatchObject({ code: 'broken_image', message: expect.stringContaining('uploads/a') });
    expect(await code(large)).toMatchObject({
      code: 'document_too_large',
      message: 'The pictures up to uploads/b take more than 20 MB of the document. Use fewer or smaller pictures.',
    });
  });
});
