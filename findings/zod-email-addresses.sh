#!/usr/bin/env bash
# z.email() of the npm package zod refuses e-mail addresses that exist: those below a top-level domain in punycode, such as
# xn--p1ai (.рф), and those with most of the marks that RFC 5321 allows before the @, such as sales&marketing@example.com.
# The documentation says that the pattern is close to Gmail's rules for new accounts; the error is only "Invalid email address".
# Its other pattern, z.regexes.html5Email, takes all of these, but also a dot at the start, which RFC 5321 does not allow.
# Instead: check the local part against RFC 5321, and the domain after it was mapped to ASCII (new URL() does that).
# Seen with zod 4.6.7. Needs Node 20 or newer and npm. Prints what it expected and what it saw; fails if that changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts zod@4.6.7

cat >finding.mjs <<'JAVASCRIPT'
import { z } from 'zod';

const marks = [...'!#$%&*/=?^`{|}~'].map((mark) => `a${mark}b@example.com`);
const exist = ['ada@xn--e1afmkfd.xn--p1ai', 'sales&marketing@example.com', 'bounce=x@example.com', ...marks];
const refusedBy = (schema) => exist.filter((address) => !schema.safeParse(address).success).length;

const seen = refusedBy(z.email());
const html5 = z.email({ pattern: z.regexes.html5Email });
const dot = html5.safeParse('.ada@example.com').success;
console.log('addresses that exist:            ', exist.length);
console.log('expected refusals:                0');
console.log('seen, z.email():                 ', seen);
console.log('seen, html5Email:                ', refusedBy(html5), dot ? 'and it takes .ada@example.com' : '');
if (seen !== exist.length || refusedBy(html5) !== 0 || !dot) {
  console.error('This has changed: see src/mail/address.ts and test/mail/address.test.ts.');
  process.exit(1);
}
JAVASCRIPT
node finding.mjs
