// `npm run deploy`: from nothing, or from an older version, to the newest one on a Cloudflare account. Safe to run again:
// every step does only what is missing. `--dry-run` prints the commands instead.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDashboard } from './dashboard.ts';
import { failWith, readOptions, UsageError } from './options.ts';
import { style } from './terminal.ts';
import { projectDir, runWrangler } from './wrangler.ts';

interface Step {
  what: string;
  args: string[];
  /** Show nothing of wrangler's own output unless it fails. */
  quiet?: true;
  /** Skip it when this says so. */
  unnecessary?: () => Promise<boolean>;
}

async function main(): Promise<void> {
  const options = readOptions(
    { usage: 'npm run deploy -- [--dry-run]', what: 'Deploys to the Cloudflare account you are logged in to.' },
    { 'dry-run': { help: 'print the commands, run none' } },
  );
  const database = databaseName();
  const steps: Step[] = [
    {
      what: `Create the D1 database "${database}" (only if it is missing: migrations need it before the first deploy)`,
      // The id stays out of wrangler.toml: with one, the local database would be another, empty one.
      args: ['d1', 'create', database, '--update-config=false'],
      quiet: true,
      unnecessary: () => databaseExists(database),
    },
    { what: 'Apply the migrations', args: ['d1', 'migrations', 'apply', 'DB', '--remote'] },
    { what: 'Deploy the Worker; creates its queues and its R2 bucket if missing', args: ['deploy'] },
  ];
  if (options['dry-run']) {
    process.stdout.write(`${style('dim', '# Build the dashboard')}\nnpx vite build\n`);
    for (const { what, args } of steps)
      process.stdout.write(`${style('dim', `# ${what}`)}\nnpx wrangler ${args.join(' ')}\n`);
    return;
  }
  await requireLogin();
  process.stdout.write(`${style('bold', 'Build the dashboard')}\n`);
  await ensureDashboard();
  for (const step of steps) await run(step);
  process.stdout.write(whatNext);
}

const whatNext = `
Deployed. What next:

  1. Make a key:          npm run key -- --scope admin --remote
  2. Send real mail:      set MAIL_PROVIDER and MAIL_FROM in wrangler.toml (docs/configuration.md),
                          npx wrangler secret put RESEND_API_KEY
                          npm run deploy
  3. Open the dashboard:  https://<the address above>/, and sign in with the key
  4. See that it lives:   curl https://<the address above>/healthz
`;

async function run({ what, args, quiet, unnecessary }: Step): Promise<void> {
  process.stdout.write(`${style('bold', what)}\n`);
  if (await unnecessary?.()) {
    process.stdout.write('  there already\n');
    return;
  }
  const { code, stdout, stderr } = await runWrangler(args, (child) => {
    if (quiet) return;
    child.stdout?.pipe(process.stdout, { end: false });
    child.stderr?.pipe(process.stderr, { end: false });
  });
  if (code === 0) return;
  if (quiet) process.stderr.write(stdout + stderr);
  const words = 'its own words are above. Nothing after it was run.';
  throw new UsageError(`\`wrangler ${args.join(' ')}\` failed (exit code ${code}); ${words}`);
}

async function requireLogin(): Promise<void> {
  const { stdout } = await runWrangler(['whoami', '--json']);
  if (/"loggedIn":\s*true/.test(stdout)) return;
  throw new UsageError(
    'not logged in to Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN (and CLOUDFLARE_ACCOUNT_ID if the token sees several accounts).',
  );
}

async function databaseExists(name: string): Promise<boolean> {
  const { code, stdout, stderr } = await runWrangler(['d1', 'list', '--json']);
  if (code !== 0) throw new UsageError(`the account's databases could not be listed:\n\n${(stdout + stderr).trim()}`);
  return (JSON.parse(stdout) as { name: string }[]).some((database) => database.name === name);
}

function databaseName(): string {
  const name = /^database_name\s*=\s*"([^"]+)"/m.exec(readFileSync(join(projectDir, 'wrangler.toml'), 'utf8'))?.[1];
  if (!name) throw new UsageError('wrangler.toml names no D1 database (database_name).');
  return name;
}

main().catch(failWith);
