// What jpeg.wasm exports: the decoder and the filter of scripts/jpeg. Addresses are numbers. readScan() and readRow() return a fault, or
// 0. scripts/jpeg says what each function needs.

export interface JpegExports {
  memory: WebAssembly.Memory;
  DEFINITION: WebAssembly.Global;
  begin(): void;
  setPicture(width: number, height: number, components: number, across: number, down: number): void;
  setComponent(index: number, across: number, down: number, keepsCoefficients: boolean): number;
  setOutput(conversion: number, halvings: number): number;
  outputWidth(): number;
  outputHeight(): number;
  buildTable(number: number): number;
  beginScan(progressive: boolean, from: number, to: number, high: number, low: number, restartInterval: number): void;
  addMember(component: number, dc: number, ac: number): void;
  readScan(): number;
  readRow(): number;
  rebuildRow(row: number): void;
  drawRow(row: number): void;
  WEIGHTS: WebAssembly.Global;
  columnsAt(): number;
  addRows(from: number, count: number, isFirst: boolean): void;
  makeRow(width: number, count: number): number;
}
