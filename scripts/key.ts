// `npm run key`: creates, lists and revokes API keys in the local database or, with --remote, in the deployed one. A new API
// key is shown once; the database stores only its SHA-256 hash.
import { createHash, randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import { ensureMigrated } from './dev/migrations.ts';
import { failWith, nearest, readOptions, UsageError } from './options.ts';
import { columns, style } from './terminal.ts';
import { defaultStateDir, runWrangler } from './wrangler.ts';

const scopes = ['tasks:read', 'tasks:write', 'admin'];
const prefixLength = 12;
const dayMs = 24 * 60 * 60 * 1000;

interface ApiKeyRow {
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
      about: 'Creates an API key, lists all API keys, or revokes one.',
    },
    {
      scope: { value: 'SCOPE', many: true, help: `scope of the new API key: ${scopes.join(', ')}` },
      name: { value: 'NAME', help: 'label of the new API key (letters, digits, space . _ -)' },
      'expires-days': { value: 'N', help: 'days until the new API key expires (default: never)' },
      list: { help: 'list all API keys' },
      revoke: { value: 'PREFIX', help: 'revoke the API key with this prefix' },
      remote: { help: "use the deployed Worker's database (default: the local one)" },
      state: { value: 'DIR', help: 'state folder of the local database (default: .wrangler/state)' },
    },
  );
  const actions = [options.list, options.revoke !== undefined, options.scope.length > 0].filter(Boolean);
  if (actions.length !== 1)
    throw new UsageError('Give exactly one of --scope SCOPE, --list and --revoke PREFIX. --help lists all options.');
  if (options.remote && options.state)
    throw new UsageError('--state and --remote exclude each other: --state is for the local database.');
  const stateDir = options.state ? resolve(options.state) : defaultStateDir;
  const row = options.scope.length > 0 ? newApiKey(options.scope, options.name, options['expires-days']) : undefined;
  if (options.revoke !== undefined && !/^errand_[\w-]{5,}$/.test(options.revoke)) {
    throw new UsageError('--revoke needs a prefix from --list, such as errand_AbCdE.');
  }
  if (!options.remote) await ensureMigrated(stateDir);
  const query = database(options.remote ? ['--remote'] : ['--local', '--persist-to', stateDir]);
  if (row) await create(query, row);
  else if (options.revoke !== undefined) await revoke(query, options.revoke);
  else await list(query);
}

function newApiKey(wanted: string[], name = '', expiresDays?: string) {
  for (const scope of wanted) {
    if (scopes.includes(scope)) continue;
    const near = nearest(scope, scopes);
    throw new UsageError(
      `Unknown scope ${scope}.${near ? ` Did you mean ${near}?` : ''} The scopes are ${scopes.join(', ')}.`,
    );
  }
  if (!/^[A-Za-z0-9 ._-]{0,64}$/.test(name)) {
    throw new UsageError('--name may contain up to 64 letters, digits, spaces and the characters . _ -');
  }
  const days = expiresDays === undefined ? undefined : Number(expiresDays);
  if (days !== undefined && !(days > 0 && days <= 36_500)) {
    throw new UsageError(`--expires-days ${expiresDays} is not valid. Give a number of days above 0, at most 36500.`);
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

// No value can contain a quote: newApiKey() has checked or created each of them.
async function create(query: Query, row: ReturnType<typeof newApiKey>): Promise<void> {
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
  const until = row.expiresAt ? `expires on ${day(row.expiresAt)}` : 'never expires';
  process.stderr.write(
    `Created an API key with ${row.scopes.join(', ')}. It ${until}. Copy it now: it is shown only once.\n\n`,
  );
  process.stdout.write(`${row.key}\n`);
  process.stderr.write(
    `\nSend it with each request: ${style('cyan', 'Authorization: Bearer <API key>', process.stderr)}\n`,
  );
}

async function list(query: Query): Promise<void> {
  const { rows } = await query<ApiKeyRow>('SELECT * FROM api_keys ORDER BY created_at');
  if (rows.length === 0) {
    process.stdout.write('There are no API keys. Create one: npm run key -- --scope admin\n');
    return;
  }
  const head = ['prefix', 'label', 'scopes', 'created', 'last used', 'state'].map((text) => style('bold', text));
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
  const { rows } = await query<ApiKeyRow>('SELECT * FROM api_keys');
  const matching = rows.filter((row) => row.prefix === prefix.slice(0, prefixLength));
  if (matching.length === 0) throw new UsageError(`No API key begins with ${prefix}. --list shows all API keys.`);
  if (matching.every((row) => row.revoked_at)) {
    process.stdout.write(`The API key ${prefix} is already revoked.\n`);
    return;
  }
  // main() has checked that `prefix` has only the characters A-Z a-z 0-9 _ -.
  const where = `prefix = '${prefix.slice(0, prefixLength)}' AND revoked_at IS NULL`;
  await query(`UPDATE api_keys SET revoked_at = ${Date.now()} WHERE ${where}`);
  process.stdout.write(
    `Revoked the API key ${matching.map((row) => `${row.prefix} (${row.name || 'no label'})`).join(', ')}. A running Worker refuses it within 30 seconds.\n`,
  );
}

function stateOf(row: ApiKeyRow): string {
  if (row.revoked_at) return style('red', `revoked ${day(row.revoked_at)}`);
  if (row.expires_at && row.expires_at <= Date.now()) return style('red', `expired ${day(row.expires_at)}`);
  return row.expires_at ? `valid until ${day(row.expires_at)}` : style('green', 'valid');
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
    if (code !== 0) throw new UsageError(`The database refused the statement.\n\n${failure(stdout, stderr)}`);
    const [reply] = JSON.parse(stdout) as [{ results: T[]; meta?: { changes?: number } }];
    return { rows: reply.results, changes: reply.meta?.changes ?? 0 };
  };
}

// With --json, wrangler writes its error to stdout as JSON.
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
