// A PNG without the parts that are not the picture: what 60 MB of zeros in them would cost.
import { describe, expect, it, vi } from 'vitest';
import { resizeImage } from '../../src/images/index.ts';
import { leanPng, pngChunks } from '../../src/images/lean-png.ts';
import { aPngOf, join, repeat, zeros } from './bombs.ts';

// The machine may be busy.
vi.setConfig({ testTimeout: 20_000 });

const options = { width: 120, height: 120, fit: 'inside', format: 'png', quality: 80 } as const;
const resize = (bytes: Uint8Array) => resizeImage(bytes, [options]);
const MIB = 2 ** 20;
const bomb = await zeros(60_000_000);
const pixels = await zeros(110);

describe('the chunks of a PNG', () => {
  it('are listed in order, up to the end of a file that is cut off', () => {
    const png = aPngOf(10, 10, [['IDAT', pixels]]);
    const typesOf = (bytes: Uint8Array) => [...pngChunks(bytes)].map(({ type }) => type);

    expect(typesOf(png)).toEqual(['IHDR', 'IDAT', 'IEND']);
    expect(typesOf(png.subarray(0, -20))).toEqual(['IHDR', 'IDAT']);
    expect([...pngChunks(png.subarray(0, -20))].at(-1)?.end).toBe(png.length - 20);
  });
});

describe('a lean PNG', () => {
  it('keeps only the chunks of the picture', () => {
    const plain = aPngOf(10, 10, [['IDAT', pixels]]);
    const full = aPngOf(10, 10, [
      ['tEXt', new Uint8Array(9)],
      ['IDAT', pixels],
      ['eXIf', new Uint8Array(9)],
    ]);

    expect(leanPng(full)).toEqual(plain);
    expect(leanPng(plain)).toBe(plain);
  });
});

describe('a PNG with hostile chunks', () => {
  it.each<[string, [string, Uint8Array][]]>([
    [
      'in its colour profile',
      [
        ['iCCP', join(Uint8Array.from([97, 0, 0]), bomb)],
        ['IDAT', pixels],
      ],
    ],
    [
      'in its texts',
      [
        ['zTXt', join(Uint8Array.from([97, 0, 0]), bomb)],
        ['IDAT', pixels],
      ],
    ],
  ])('that inflate %s needs no memory for them', async (_name, chunks) => {
    const { outputs, peakWasmBytes } = await resize(aPngOf(10, 10, chunks));

    expect([outputs[0]?.width, outputs[0]?.height]).toEqual([10, 10]);
    expect(peakWasmBytes).toBeLessThan(16 * MIB);
  });

  it('is read one chunk at a time, although it has 500,000 chunks', { timeout: 60_000 }, async () => {
    const text = aPngOf(1, 1, [['tEXt', new Uint8Array(0)]]).slice(33, 45);
    const good = aPngOf(10, 10, [['IDAT', pixels]]);
    const many = repeat(text, 500_000);

    const { outputs, peakWasmBytes } = await resize(join(good.slice(0, 33), many, good.slice(33)));

    expect(outputs[0]?.width).toBe(10);
    expect(peakWasmBytes).toBeLessThan(16 * MIB);
  });
});
