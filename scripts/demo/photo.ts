// Scenario: a 12-megapixel phone photo, stored sideways (EXIF orientation 6), becomes an upright thumbnail.
import { PhotonImage } from '@cf-wasm/photon';
import { expect } from '../api.ts';
import { CORNERS, makePhoto } from '../photo.ts';
import { duration } from '../terminal.ts';
import type { Scenario } from './scenario.ts';

interface Thumbnail {
  outputs: { key: string; width: number; height: number; bytes: number; content_type: string }[];
  peak_wasm_bytes: number;
}

const mebibyte = 1024 * 1024;
/** JPEG may change a colour value by this much. */
const tolerance = 30;

export const scenario: Scenario = {
  title: 'A 12-megapixel phone photo becomes a thumbnail',
  async run(api, show) {
    show('making a photo');
    const photo = await makePhoto({ width: 3024, height: 4032, orientation: 6 });
    const form = new FormData();
    form.set('file', new Blob([photo as Uint8Array<ArrayBuffer>], { type: 'image/jpeg' }), 'holiday.jpg');
    show('uploading');
    const startedAt = performance.now();
    const { status, body } = await api.call<{ task_id: string }>('POST', '/upload/image', form);
    expect(status === 202, `status 202, got ${status}`);
    const task = await api.follow(body.task_id, ({ status }) => show(status));
    const took = performance.now() - startedAt;
    expect(task.status === 'SUCCESS', `SUCCESS, got ${task.status}: ${JSON.stringify(task.error)}`);
    const result = task.result as Thumbnail;
    const output = result.outputs[0];
    expect(output !== undefined, 'one output');
    expect(output.height > output.width, `an upright thumbnail, got ${output.width} × ${output.height}`);
    expect(output.height <= 500, `a height of at most 500 pixels, got ${output.height}`);
    const { bytes, type } = await api.bytes(`/files/${output.key}`);
    expect(
      type === output.content_type && bytes.length === output.bytes,
      `${output.bytes} bytes of ${output.content_type}, got ${bytes.length} bytes of ${type}`,
    );
    const wrong = wrongCorner(bytes, output);
    expect(wrong === undefined, `the corners of the photo in their places, got ${wrong}`);
    const megabytes = (result.peak_wasm_bytes / mebibyte).toFixed(0);
    const size = `${output.width} × ${output.height}`;
    return {
      taskId: task.task_id,
      status: task.status,
      detail: `${size} pixels, ${duration(took)} after the upload, with at most ${megabytes} MiB of WebAssembly memory.`,
    };
  },
};

/** Compares the corners of the thumbnail with those of the photo. Returns the first difference, or undefined. */
function wrongCorner(bytes: Uint8Array, { width, height }: { width: number; height: number }): string | undefined {
  const image = PhotonImage.new_from_byteslice(bytes);
  try {
    if (image.get_width() !== width || image.get_height() !== height) {
      return `a size of ${image.get_width()} × ${image.get_height()}`;
    }
    const pixels = image.get_raw_pixels();
    const places = { topLeft: [8, 8], topRight: [-9, 8], bottomLeft: [8, -9], bottomRight: [-9, -9] } as const;
    for (const [name, [x, y]] of Object.entries(places) as [keyof typeof CORNERS, readonly [number, number]][]) {
      const at = 4 * ((y < 0 ? height + y : y) * width + (x < 0 ? width + x : x));
      const found = [...pixels.subarray(at, at + 3)];
      if (CORNERS[name].some((value, i) => Math.abs(value - (found[i] ?? 0)) > tolerance)) {
        return `rgb(${found}) at ${name} instead of about rgb(${CORNERS[name]})`;
      }
    }
    return undefined;
  } finally {
    image.free();
  }
}
