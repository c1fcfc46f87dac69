// Runs before each test file. Files of the project `together` share a workerd with its D1 and R2 (vitest.config.ts): this applies
// the migrations the first time, and empties both.
import { applyD1Migrations } from 'cloudflare:test';
import { env } from 'cloudflare:workers';

const TABLES = `SELECT name FROM sqlite_schema
  WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '_cf_%' AND name <> 'd1_migrations'`;

await applyD1Migrations(env.DB, env.TEST_MIGRATIONS);
const { results } = await env.DB.prepare(TABLES).all<{ name: string }>();
await env.DB.batch(results.map(({ name }) => env.DB.prepare(`DELETE FROM ${name}`)));
const { objects } = await env.FILES.list();
if (objects.length > 0) await env.FILES.delete(objects.map(({ key }) => key));
