#!/usr/bin/env bash
# The npm package @cf-wasm/photon throws "unreachable" for a valid GIF that other programs read.
# Users meet it rarely: with one of about 1,000 GIFs that Pillow wrote. The one below has 36 × 35 pixels; its codes give all 1,260 of them, and
# the end code fills the last byte. Pillow and ImageMagick read it.
# Instead: unpack GIFs by another decoder (src/images/decode-gif.ts). test/images/decode-gif.test.ts compares this file with Pillow.
# Seen with 0.4.0. Needs Node 20 or newer and npm. Prints what it expected and what it saw; fails if that changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts @cf-wasm/photon@0.4.0

base64 -d >valid.gif <<'BASE64'
R0lGODdhJAAjAIcAANrp+Njk9M/i98zh+NHg883g98vg+Nbf78vf9cne9sje+M7b8Mnd9Mbc9sXa8sPb9cDa9cfY8sTZ9cLX8cHZ88HX9MDY9b
7W9LzX87zW88LT7LzV8bzU9cLR677P6K7i+LvX9LjU8LnT87jS77jR7rXS77XP7LTP8rHP7q/O8qvg+Z3X9ZHO8mzX/2zW/2vW/2vV/2rU/2rT
/2nR/GjQ/GjO+mfP+2bP/GbP+2XO+2TO+7fL67PN8LLN8LHN87DL77DK667M767K8LHI563J8K3H5qvJ7qzH6KzG6KnI7qjI7anH76XI66XG7a
XE7aTE7qbE6aDE6qbC5qLC7Ke93aHA66G95Z7A65+/65y+6JjA7Zi96pS95Zm86pS865y645i76Zi655a56JO75JW56ZS56JO56Jq43ZS46ZO3
5pmy0ZOw1JDN8I7M8Y+45Iy34pG26JG255G25Yu24mLM+mHM+n3B64e37G6665C15pC15I615ZC04o604o2z44q144uy44iy5Ia144Kz5WW16I
2x4oux44qx5Iix4oex44Sx5Iev44ev4Yqu24us24Wv4ISs34Ox6IGu4oGs4ICs3H+s4X6s5Hqs3lmt446qy4mozISq3YKq3n+q4n6o2Huq4Hmq
4n2o3Hul3Hik3XSl33Oi23Wh3HOh23Kh3nGk3nGh3HKg3HCf22uf2Gae2nuVsmuc2WmWyHuSsXePrnCSt2Wb2WCa2GOZ11+YtlGQtXODlmN/oG
Z2jEt7j1psgUl+lkN4lUF3lEF2kT1whjlth2RmZV5gX1tfZ1BkgEhigVNbZltZU1NXYVNRT0xPUT9QYz1TbUpMTENMWEFJVz9BRUI8Oj05OjU6
RTA5Ryw6Tjc3NTg1NiwyQjMvLSwvOTMuKi8qJisqLC4nICcoLygkICEgKiQfGx8dGx4ZGB0XFxoYGRcVGxcVFhcVFBcUExQSFxAPDhEOEA4OEA
sKCgoGBgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACwAAAAAJAAjAEAI/wBVwYLFqtOiLkuIkDl1i+AqVKZKlUpFkdQnS5YUwfGy
RUsjZs20UXP05YwVKSQmTHAQIAGFBxgyJGhQQskYQZ6SZbvGzNcQKrzIqWvHDh69GkiTKl3KtKnTp1CjSp1KNWmhQn7SIDzxAwuYJCfC+pjSBY
yZK01SQEgAAcQDXbo0STNWDJy7djry0qlDh07eHDgC26AxYwYNGS9euIDhwkWMvDcQv2iRuEXVy5gzM41D5lCcK2DKLBEhQUKVUKZCTTK0Rg2n
SpICBZKkqJKlSbuwWWsWzdq5MHLk8NHDCBInSIbk9PGDaFKlRFn+uNkAQMAgV7ukIQMiqxs4c+zYmf/bMaTDgQUdIizwUETKESBQsvB5RIkWNG
7lxq17R41KBzXHiJMOPeigM49mCCao4IIMNujgg08dssgih+SBxhM+XMABGLDcUgsrqHiSiSat1GKLLbW44ooqoERyhyfKbEONNuGMMskoooiB
RRxwXCGEBQ1w4AMRSzhxRRZTJJHCBQMYoAAHUPAyyzjHGLPMN99UwAEPQvxgBBFGOJHHIoAAskcaZSihRCKXKBJFCExcEsks0qjxijPVgBNPPO
RYsQMSXzSyySZ8AMFAAQJUcMEGFMA5hxtMBPFGLMlM80wmSOjyDXjqnNOOET2MQIIJJhAQAAEIMIBACEqggAITUXBOcUksz2DDjTfXvKLBGb4I
Nc8788izQhtsfGCsCiuw0YYdzOJBCCaYEJILMMAE84swwuTCAgt24NLLL8N8SwyE5JZr7rnopqvuuuy2i25AADs=
BASE64

cat >finding.mjs <<'JAVASCRIPT'
import { readFileSync } from 'node:fs';
import { PhotonImage } from '@cf-wasm/photon';

let seen;
try {
  const image = PhotonImage.new_from_byteslice(readFileSync('valid.gif'));
  seen = `${image.get_width()} × ${image.get_height()} pixels`;
} catch (error) {
  seen = error.message;
}
console.log('expected: 36 × 35 pixels');
console.log('seen:    ', seen);
if (seen !== 'unreachable') {
  console.error('This has changed: see src/images/decode-gif.ts.');
  process.exit(1);
}
JAVASCRIPT
node finding.mjs
