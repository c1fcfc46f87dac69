#!/usr/bin/env bash
# Since the summer of 2026, `wrangler dev` records every invocation of a Worker by default: each span (also of D1, R2, KV and
# Durable Objects) and each log line becomes a row in a SQLite file of the state folder, for the traces of its Local Explorer.
# No option of `wrangler dev --help` names it. A request that makes one D1 call then takes more time, so that a load test of a
# local Worker measures the recorder too.
# Who meets it: whoever measures a Worker under `wrangler dev`, or looks for what fills the state folder.
# Instead: set X_LOCAL_OBSERVABILITY=false in the environment of `wrangler dev` when the traces are not wanted.
# Seen with wrangler 4.156.2 (miniflare 5).
# Needs Node 22 or newer and npm. Prints what it expected and what it saw; fails if that changes. The rates are printed only.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund wrangler@4.156.2
echo "wrangler $(node -p "require('./node_modules/wrangler/package.json').version")"

cat >worker.js <<'JAVASCRIPT'
export default {
  async fetch(request, { DB }) {
    return Response.json(await DB.prepare('SELECT 1 AS one').first());
  },
};
JAVASCRIPT
cat >wrangler.toml <<'TOML'
name = "finding"
main = "worker.js"
compatibility_date = "2026-11-01"

[[d1_databases]]
binding = "DB"
database_name = "finding"
database_id = "00000000-0000-0000-0000-000000000000"
TOML
cat >load.js <<'JAVASCRIPT'
// Starts `wrangler dev` with and without the variable, sends both the same requests in turn, and prints what is left.
import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const REQUESTS = 600;
const sides = { default: {}, 'X_LOCAL_OBSERVABILITY=false': { X_LOCAL_OBSERVABILITY: 'false' } };
const servers = [];
for (const [name, extra] of Object.entries(sides)) {
  const state = `state-${servers.length}`;
  const port = 18700 + servers.length;
  const args = ['wrangler', 'dev', '--ip', '127.0.0.1', '--port', port, '--inspector-port', '0', '--persist-to', state];
  const env = { ...process.env, CI: '1', WRANGLER_SEND_METRICS: 'false', ...extra };
  const child = spawn('npx', args.map(String), { env, detached: true, stdio: 'ignore' });
  servers.push({ name, state, child, url: `http://127.0.0.1:${port}/`, rates: [] });
}
for (const { url } of servers) {
  for (let tries = 0; ; tries++) {
    if (await fetch(url).then((reply) => reply.ok, () => false)) break;
    if (tries > 200) throw new Error('wrangler dev does not answer');
    await new Promise((done) => setTimeout(done, 500));
  }
}
for (let round = 0; round < 5; round++) {
  for (const server of round % 2 ? [...servers].reverse() : servers) {
    const started = performance.now();
    const worker = async () => {
      for (let n = 0; n < REQUESTS / 8; n++) await (await fetch(server.url)).arrayBuffer();
    };
    await Promise.all(Array.from({ length: 8 }, worker));
    server.rates.push(REQUESTS / ((performance.now() - started) / 1000));
  }
}
await new Promise((done) => setTimeout(done, 5000));
for (const { child } of servers) process.kill(-child.pid, 'SIGTERM');
await new Promise((done) => setTimeout(done, 2000));
const spans = servers.map(({ state }) => {
  const store = `${state}/v3/observability/miniflare-wobs-trace-store`;
  if (!existsSync(store)) return 0;
  const file = readdirSync(store).find((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
  return new DatabaseSync(`${store}/${file}`).prepare('SELECT count(*) AS count FROM spans').get().count;
});
for (const [index, { name, rates }] of servers.entries()) {
  const middle = rates.sort((a, b) => a - b)[2].toFixed(0);
  console.log(`seen with ${name}: ${spans[index]} spans recorded, ${middle} requests/s (median of 5 rounds, taken in turn)`);
}
process.exitCode = spans[0] > 0 && spans[1] === 0 ? 0 : 1;
JAVASCRIPT

echo 'expected: 0 spans recorded, because nobody asked for them'
if ! node load.js; then
  echo 'This has changed: see X_LOCAL_OBSERVABILITY in scripts/wrangler.ts.' >&2
  exit 1
fi
