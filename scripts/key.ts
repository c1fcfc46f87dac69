// `npm run key`: makes, lists and revokes API keys, in the local database or (--remote) in the deployed one. A key is shown
// once; only its SHA-256 hash is stored.
import { createHash, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { ensureMigrated } from './dev/migrations.ts';
import { failWith, nearest, readOptions, UsageError } from './options.ts';
import { columns, style } from './terminal.ts';
import { defaultStateDir, runWrangler } from './wrangler.ts';

const scopes = ['tasks:read', 'tasks:write', 'admin'];
const prefixLength = 12;
const dayMs = 24 * 60 * 60 * 1000;

interface KeyRow {
  prefix: string;
  name: string;
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

type Query = <T>(sql: string) => Promise<{ rows: T[]; changes: number }>;

async function main(): Promise<void> {
  const options = readOptions(
    {
      usage: 'npm run key -- --scope SCOPE [options] | --list | --revoke PREFIX',
      what: 'Makes an API key (or lists them, or revokes one).',
    },
    {
      scope: { value: 'SCOPE', many: true, help: `${scopes.join(', ')}` },
      name: { value: 'NAME', help: 'whose it is, or what for (letters, digits, space . _ -)' },
      'expires-days': { value: 'N', help: 'days until it expires (default: never)' },
      list: { help: 'show all keys' },
      revoke: { value: 'PREFIX', help: 'make the key that begins so invalid' },
      remote: { help: "in the deployed Worker's database (default: the local one)" },
      state: { value: 'DIR', help: 'the local state of the dev server (default: .wrangler/state)' },
    },
  );
  const tasks = [options.list, options.revoke !== undefined, options.scope.length > 0].filter(Boolean);
  if (tasks.length !== 1) throw new UsageError('give one of --scope SCOPE, --list, --revoke PREFIX. (--help explains)');
  if (options.remote && options.state)
    throw new UsageError('--state is for the local database: it does not go with --remote.');
  const stateDir = options.state ? resolve(options.state) : defaultStateDir;
  const row = options.scope.length > 0 ? newKey(options.scope, options.name, options['expires-days']) : undefined;
  if (options.revoke !== undefined && !/^errand_[\w-]{5,}$/.test(options.revoke)) {
    throw new UsageError('--revoke takes the prefix that --list shows, like errand_AbCdE.');
  }
  if (!options.remote) await ensureMigrated(stateDir);
  const query = database(options.remote ? ['--remote'] : ['--local', '--persist-to', stateDir]);
  if (row) await make(query, row);
  else if (options.revoke !== undefined) await revoke(query, options.revoke);
  else await list(query);
}

function newKey(wanted: string[], name = '', expiresDays?: string) {
  for (const scope of wanted) {
    if (scopes.includes(scope)) continue;
    const near = nearest(scope, scopes);
    throw new UsageError(
      `no such scope: ${scope}.${near ? ` Did you mean ${near}?` : ''} There are: ${scopes.join(', ')}.`,
    );
  }
  if (!/^[A-Za-z0-9 ._-]{0,64}$/.test(name)) {
    throw new UsageError('--name may have up to 64 letters, digits, spaces and . _ -');
  }
  const days = expiresDays === undefined ? undefined : Number(expiresDays);
  if (days !== undefined && !(days > 0 && days <= 36_500)) {
    throw new UsageError(`--expires-days ${expiresDays}: a number of days above 0, please.`);
  }
  const now = Date.now();
  return {
    key: `errand_${randomBytes(32).toString('base64url')}`,
    name,
    scopes: scopes.filter((scope) => wanted.includes(scope)),
    createdAt: now,
    expiresAt: days === undefined ? undefined : now + Math.round(days * dayMs),
  };
}

// Every value in here was checked above or made here: none can hold a quote.
async function make(query: Query, row: ReturnType<typeof newKey>): Promise<void> {
  const hash = createHash('sha256').update(row.key).digest('hex');
  const values = [
    `'${hash}'`,
    `'${row.key.slice(0, prefixLength)}'`,
    `'${row.name}'`,
    `'${JSON.stringify(row.scopes)}'`,
    row.createdAt,
    row.expiresAt ?? 'NULL',
  ];
  await query(
    `INSERT INTO api_keys (hash, prefix, name, scopes, created_at, expires_at) VALUES (${values.join(', ')})`,
  );
  const until = row.expiresAt ? `expires ${day(row.expiresAt)}` : 'never expires';
  process.stderr.write(
    `A key with ${row.scopes.join(', ')} (${until}). It is shown this once and stored only as a hash:\n\n`,
  );
  process.stdout.write(`${row.key}\n`);
  process.stderr.write(`\nUse it as ${style('cyan', 'Authorization: Bearer <key>', process.stderr)}\n`);
}

async function list(query: Query): Promise<void> {
  const { rows } = await query<KeyRow>('SELECT * FROM api_keys ORDER BY created_at');
  if (rows.length === 0) {
    process.stdout.write('No keys. Make one: npm run key -- --scope admin\n');
    return;
  }
  const head = ['prefix', 'name', 'scopes', 'made', 'last used', 'state'].map((text) => style('bold', text));
  const lines = rows.map((row) => [
    row.prefix,
    row.name || '–',
    (JSON.parse(row.scopes) as string[]).join(', '),
    day(row.created_at),
    row.last_used_at ? day(row.last_used_at) : 'never',
    stateOf(row),
  ]);
  process.stdout.write(`${columns([head, ...lines]).join('\n')}\n`);
}

async function revoke(query: Query, prefix: string): Promise<void> {
  const { rows } = await query<KeyRow>('SELECT * FROM api_keys');
  const meant = rows.filter((row) => row.prefix === prefix.slice(0, prefixLength));
  if (meant.length === 0) throw new UsageError(`no key begins with ${prefix}. (--list shows all)`);
  if (meant.every((row) => row.revoked_at)) {
    process.stdout.write(`${prefix} was revoked already.\n`);
    return;
  }
  // `prefix` was matched against [A-Za-z0-9_-] above.
  const where = `prefix = '${prefix.slice(0, prefixLength)}' AND revoked_at IS NULL`;
  await query(`UPDATE api_keys SET revoked_at = ${Date.now()} WHERE ${where}`);
  process.stdout.write(
    `Revoked ${meant.map((row) => `${row.prefix} (${row.name || 'no name'})`).join(', ')}. A running Worker notices within 30 seconds.\n`,
  );
}

function stateOf(row: KeyRow): string {
  if (row.revoked_at) return style('red', `revoked ${day(row.revoked_at)}`);
  if (row.expires_at && row.expires_at <= Date.now()) return style('red', `expired ${day(row.expires_at)}`);
  return row.expires_at ? `until ${day(row.expires_at)}` : style('green', 'good');
}

function day(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function database(where: string[]): Query {
  return async <T>(sql: string) => {
    const { code, stdout, stderr } = await runWrangler([
      'd1',
      'execute',
      'DB',
      ...where,
      '--yes',
      '--json',
      '--command',
      sql,
    ]);
    if (code !== 0) throw new UsageError(`the database refused:\n\n${failure(stdout, stderr)}`);
    const [reply] = JSON.parse(stdout) as [{ results: T[]; meta?: { changes?: number } }];
    return { rows: reply.results, changes: reply.meta?.changes ?? 0 };
  };
}

// With --json wrangler puts its error on stdout, as JSON.
function failure(stdout: string, stderr: string): string {
  try {
    const { error } = JSON.parse(stdout) as { error?: { text?: string; notes?: { text: string }[] } };
    const text = [error?.text, ...(error?.notes ?? []).map((note) => note.text)].filter(Boolean).join('\n');
    return text || stdout.trim();
  } catch {
    return (stdout + stderr).trim();
  }
}

main().catch(failWith);
