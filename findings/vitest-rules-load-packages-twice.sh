#!/usr/bin/env bash
# The `rules` of a Wrangler file are applied by Cloudflare's Vitest plugin to every module of the tests, also to packages. A rule
# that makes *.mjs files ES modules, as a Worker with `no_bundle` needs for its parts, therefore takes .mjs packages out of Vite's
# hands. What such a package imports is then loaded a second time, beside the copy that the test imports: `instanceof` between
# the two is false. Here an HTTPException that @hono/zod-openapi throws is none of the class that a test imports from hono.
# Instead: give the parts names of their own, and let the rule match these only (here `part-*.mjs`).
# Seen with @cloudflare/vitest-plugin 1.5.0, vitest 4.1.12, hono 4.13.19, @hono/zod-openapi 1.6.3.
# Needs Node 22 or newer and npm. Prints what it expected and what it saw; fails if that changes.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true, "type": "module" }' >package.json
npm install --silent --no-audit --no-fund vitest@4.1.12 @cloudflare/vitest-plugin@1.5.0 hono@4.13.19 @hono/zod-openapi@1.6.3 zod@4.6.7 wrangler@4.156.2

echo 'export default { fetch: () => new Response("ok") };' >worker.js
cat >vitest.config.js <<'JAVASCRIPT'
import { cloudflareTest } from '@cloudflare/vitest-plugin';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  plugins: [cloudflareTest({ main: './worker.js', wrangler: { configPath: './wrangler.toml' } })],
});
JAVASCRIPT
cat >finding.test.js <<'JAVASCRIPT'
import { createRoute, OpenAPIHono, z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import { it } from 'vitest';

it('says whether the class is the same', async () => {
  const app = new OpenAPIHono();
  const body = { content: { 'application/json': { schema: z.object({}) } } };
  const route = createRoute({ method: 'post', path: '/', request: { body }, responses: { 200: { description: 'ok' } } });
  app.openapi(route, (c) => c.text('ok'));
  let same = 'nothing was thrown';
  app.onError((error, c) => {
    same = error instanceof HTTPException;
    return c.text('bad', 400);
  });
  await app.request('/', { method: 'POST', body: '{', headers: { 'content-type': 'application/json' } });
  console.log(`SAME=${same}`);
});
JAVASCRIPT

# Prints true or false: whether the error has the class that the test imports.
run_with() {
  printf 'name = "finding"\nmain = "worker.js"\ncompatibility_date = "2026-11-01"\n\n[[rules]]\ntype = "ESModule"\nglobs = ["%s"]\n' "$1" >wrangler.toml
  npx vitest run 2>&1 | grep -o 'SAME=[a-z ]*' | head -1 | cut -d= -f2
}

narrow=$(run_with 'part-*.mjs')
wide=$(run_with '**/*.mjs')
echo "expected with either rule:   true"
echo "seen with globs part-*.mjs:  $narrow"
echo "seen with globs **/*.mjs:    $wide"
if [ "$narrow" != true ] || [ "$wide" != false ]; then
  echo 'This has changed: see the rule in wrangler.toml.' >&2
  exit 1
fi
