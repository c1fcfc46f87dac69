#!/usr/bin/env bash
# The emulator aws-ses-v2-local, an npm package, encodes the attachments of its .eml download twice: GET /get-emlContent gives a
# message whose attachment is base64 of the base64 text that the request had in RawContent, and leaves out the ContentId. Its
# GET /store has both as they were sent.
# Instead: read GET /store to see what arrived, and compare it with the request.
# Seen with aws-ses-v2-local 2.10.2. Needs Node 20 or newer and npm. Prints what it expected and what it saw; fails if that changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts aws-ses-v2-local@2.10.2

cat >finding.cjs <<'JAVASCRIPT'
const { default: start } = require('aws-ses-v2-local');

async function main() {
  const server = await start({ host: '127.0.0.1', port: 0 });
  const origin = `http://127.0.0.1:${server.address().port}`;
  const file = { FileName: 'a.txt', ContentType: 'text/plain', RawContent: Buffer.from('hello').toString('base64') };
  const mail = {
    FromEmailAddress: 'a@example.com',
    Destination: { ToAddresses: ['b@example.com'] },
    Content: { Simple: { Subject: { Data: 'Hi' }, Body: { Text: { Data: 'Hi' } }, Attachments: [file] } },
  };
  const sent = await fetch(`${origin}/v2/email/outbound-emails`, {
    method: 'POST',
    headers: { authorization: 'AWS4-HMAC-SHA256 x', 'content-type': 'application/json' },
    body: JSON.stringify(mail),
  });
  const { MessageId } = await sent.json();
  const eml = await (await fetch(`${origin}/get-emlContent?messageId=${encodeURIComponent(MessageId)}`)).json();
  const message = Buffer.from(eml.body.data).toString();
  const { emails } = await (await fetch(`${origin}/store`)).json();
  server.close();

  const twice = Buffer.from(file.RawContent).toString('base64');
  console.log('sent:                     ', file.RawContent);
  console.log('expected in the .eml file:', file.RawContent);
  console.log('seen in the .eml file:    ', message.includes(twice) ? twice : 'not encoded twice');
  console.log('seen in the store:        ', emails[0].attachments[0].content);
  if (!message.includes(twice) || emails[0].attachments[0].content !== file.RawContent) {
    console.error('This has changed: see test/providers/ses.ts.');
    process.exit(1);
  }
}

main();
JAVASCRIPT
node finding.cjs
