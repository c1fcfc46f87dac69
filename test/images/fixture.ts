// Files that other programs wrote. They are small, and no library here can write them.

import chart from './fixtures/chart.jpg?inline';
import chart80 from './fixtures/chart-80.png?inline';

export const fixtures = { chart: fromDataUrl(chart), chart80: fromDataUrl(chart80) };

function fromDataUrl(url: string): Uint8Array {
  return Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (character) => character.charCodeAt(0));
}
