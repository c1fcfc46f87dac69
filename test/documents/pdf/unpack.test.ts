import { describe, expect, it } from 'vitest';
import { isWhole, MAX_LAYERS, measure } from '../../../src/documents/pdf/unpack.ts';
import { base85, deflate, latin1 } from './handmade.ts';

const LIMIT = 10_000_000;
const zeros = (bytes: number) => deflate(new Uint8Array(bytes));
const hex = (text: string) => Array.from(latin1(text), (byte) => byte.toString(16).padStart(2, '0')).join('');

describe('a stream', () => {
  it('that is not packed has no size', async () => {
    expect(await measure(latin1('BT (text) Tj ET'), LIMIT)).toEqual({ size: 0, layers: 0 });
    expect(await measure(new Uint8Array(), LIMIT)).toEqual({ size: 0, layers: 0 });
  });

  it('is measured on every layer, also behind a layer of text', async () => {
    const packed = await zeros(100_000);

    expect(await measure(latin1(packed), LIMIT)).toEqual({ size: 100_000, layers: 1 });
    expect(await measure(latin1(await deflate(latin1(packed))), LIMIT)).toEqual({ size: 100_000, layers: 2 });
    expect(await measure(latin1(`${base85(packed)}~>`), LIMIT)).toEqual({ size: 100_000, layers: 2 });
    expect(await measure(latin1(`${hex(packed)}>`), LIMIT)).toEqual({ size: 100_000, layers: 2 });
  });

  it('is measured only a little beyond the limit', async () => {
    const { size } = await measure(latin1(await zeros(50_000_000)), 1_000_000);

    expect(size).toBeGreaterThan(1_000_000);
    expect(size).toBeLessThan(2_000_000);
  });

  it('with too many layers says so', async () => {
    let packed = await zeros(10);
    for (let layer = 0; layer <= MAX_LAYERS; layer++) packed = await deflate(latin1(packed));

    expect((await measure(latin1(packed), LIMIT)).layers).toBe(MAX_LAYERS + 1);
  });

  it('is whole without damage and without other bytes', async () => {
    const packed = await zeros(1_000);

    expect(await isWhole(latin1(packed))).toBe(true);
    expect(await isWhole(latin1(packed.slice(0, -1)))).toBe(false);
    expect(await isWhole(latin1(`${packed}\0`))).toBe(false);
  });
});
