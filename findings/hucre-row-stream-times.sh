#!/usr/bin/env bash
# streamXlsxRows() of the npm package hucre gives a time of day as a Date in 1900 or 1899, and no number format to tell it by.
# Users of row streams meet it with any time sheet: 09:00 and the duration 32:30 look like dates, and no error occurs.
# Instead: readXlsx() with readStyles gives the number format of each cell, but it holds the whole sheet; or read the sheet with
# a SAX parser, as test/documents/xlsx/read-xlsx.test.ts holds.
# Seen with hucre 1.0.0. Needs Node 22 or newer and npm. Prints what it expected and what it saw; fails if that changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts hucre@1.0.0

cat >finding.mjs <<'JAVASCRIPT'
import { streamXlsxRows, writeXlsx } from 'hucre/xlsx';

const cells = new Map([
  ['0,0', { value: 0.375, style: { numFmt: 'hh:mm' } }],
  ['0,1', { value: 1.354166666666667, style: { numFmt: '[h]:mm' } }],
]);
const bytes = await writeXlsx({ sheets: [{ name: 'S', rows: [[0.375, 1.354166666666667]], cells }] });
const [row] = await Array.fromAsync(streamXlsxRows(bytes));
console.log('expected: 09:00 and 32:30, or numbers with their formats');
console.log('seen:    ', JSON.stringify(row.values), 'and', Object.keys(row).join(', '));
const seen = row.values.every((value) => value instanceof Date) && Object.keys(row).join() === 'index,values';
if (!seen) {
  console.log('This has changed: src/documents/xlsx may use it again.');
  process.exit(1);
}
JAVASCRIPT
node finding.mjs
