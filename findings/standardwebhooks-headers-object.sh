#!/usr/bin/env bash
# verify() of the npm package standardwebhooks refuses a valid request if it gets the headers as a Headers object.
# Receivers in Workers, Deno, Bun and Hono meet it: request.headers is a Headers object there. verify() reads the headers with
# Object.keys(), which finds none in it. The error, "Missing required headers", names another cause. TypeScript reports the
# wrong type; JavaScript does not.
# Instead: pass a plain object, Object.fromEntries(request.headers).
# Seen with standardwebhooks 1.1.1. Needs Node 20 or newer and npm. Prints what it expected and what it saw; fails if that changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts standardwebhooks@1.1.1 @stablelib/base64@1.0.1 fast-sha256@1.3.0

cat >finding.mjs <<'JAVASCRIPT'
import { Webhook } from 'standardwebhooks';

const webhook = new Webhook(Buffer.from('a secret of twenty-four').toString('base64'));
const body = '{"type":"task.succeeded"}';
const sentAt = new Date();
const headers = new Headers({
  'webhook-id': 'msg_1',
  'webhook-timestamp': `${Math.floor(sentAt.getTime() / 1000)}`,
  'webhook-signature': webhook.sign('msg_1', sentAt, body),
});

function verify(given) {
  try {
    return webhook.verify(body, given).type;
  } catch (error) {
    return error.message;
  }
}

const seen = verify(headers);
const plain = verify(Object.fromEntries(headers));
console.log('expected:             task.succeeded');
console.log('seen, Headers object:', seen);
console.log('seen, plain object:  ', plain);
if (seen !== 'Missing required headers' || plain !== 'task.succeeded') {
  console.error('This has changed: see docs/guides/callbacks.md.');
  process.exit(1);
}
JAVASCRIPT
node finding.mjs
