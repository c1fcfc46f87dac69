// Makes the samples of a row of MCUs from the coefficients in the store.
import { transform } from './idct';
import * as picture from './picture';
import { clearBlock } from './sequential';
import { seek, takeBlock } from './store';

export function rebuildRow(mcuRow: i32): void {
  for (let index = 0; index < picture.components; index++) rebuild(picture.componentAt(index), mcuRow);
}

function rebuild(component: usize, mcuRow: i32): void {
  const blocks = load<usize>(component + picture.BLOCKS);
  const blocksWide = picture.field(component, picture.BLOCKS_WIDE);
  const down = picture.field(component, picture.DOWN);
  const stride = picture.field(component, picture.STRIDE);
  const factors = load<usize>(component + picture.FACTORS);
  for (let y = 0; y < down; y++) {
    const samples = load<usize>(component + picture.SAMPLES) + stride + y * 8 * stride;
    for (let x = 0; x < blocksWide; x++) {
      seek(blocks, blocksWide, x, mcuRow * down + y);
      clearBlock();
      transform(takeBlock(factors), samples + x * 8, stride);
    }
  }
}
