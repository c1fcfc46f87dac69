#!/usr/bin/env bash
# PDF.js leaves out the spaces between words that run from right to left, if a program draws each letter at its own place.
# Readers of PDFs that Cairo and Pango wrote meet it with Hebrew and Arabic: such a page has no space characters. For text that
# runs to the right, PDF.js makes spaces from the gaps; for text that runs to the left it does not.
# Instead: join the items of getTextContent() by their positions (src/documents/pdf/join-pieces.ts).
# Seen with unpdf 1.7.0, which contains PDF.js 5.6. Needs Node 20 or newer and npm. Prints what it expected and what it saw; fails
# if that changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts unpdf@1.7.0

cat >finding.mjs <<'JAVASCRIPT'
import { getDocumentProxy } from 'unpdf';

// The letters A to D of the font mean the Hebrew letters alef to dalet. Each is drawn at its own place.
const map = '1 begincodespacerange <00> <ff> endcodespacerange 1 beginbfrange <41> <44> <05d0> endbfrange';
const stream = (text) => `<< /Length ${text.length} >>\nstream\n${text}\nendstream`;
const letter = (name, x) => `BT /F 12 Tf ${x} 50 Td (${name}) Tj ET`;
// Two words: AB and CD. The gap between them is as wide as a letter.
const content = [letter('A', 90), letter('B', 81), letter('C', 63), letter('D', 54)].join('\n');
const objects = [
  '<< /Type /Catalog /Pages 2 0 R >>',
  '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
  '<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> >>',
  stream(content),
  '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 6 0 R >>',
  stream(map),
];
const body = objects.map((object, index) => `${index + 1} 0 obj\n${object}\nendobj\n`).join('');
const pdf = await getDocumentProxy(new TextEncoder().encode(`%PDF-1.7\n${body}trailer\n<< /Root 1 0 R >>\nstartxref\n0\n%%EOF\n`));
const { items } = await (await pdf.getPage(1)).getTextContent();
const seen = items.map((item) => item.str).join('');
console.log('expected: אב גד');
console.log('seen:    ', seen);
if (seen !== 'אבגד') {
  console.error('This has changed: see docs/decisions/0036-losses-of-a-pdf.md.');
  process.exit(1);
}
JAVASCRIPT
node finding.mjs
