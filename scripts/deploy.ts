// `npm run deploy`: deploys the current version to a Cloudflare account, the first time or again. Each step does only the
// work that is missing. `--dry-run` prints the commands instead.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDashboard } from './dashboard.ts';
import { failWith, readOptions, UsageError } from './options.ts';
import { style } from './terminal.ts';
import { projectDir, runWrangler } from './wrangler.ts';

interface Step {
  title: string;
  args: string[];
  /** Show the output of wrangler only if the step fails. */
  quiet?: true;
  /** The step is skipped if this resolves to true. */
  unnecessary?: () => Promise<boolean>;
}

async function main(): Promise<void> {
  const options = readOptions(
    {
      usage: 'npm run deploy -- [--dry-run]',
      about: 'Deploys Errand to the Cloudflare account that wrangler is logged in to.',
    },
    { 'dry-run': { help: 'print the commands without running them' } },
  );
  const database = databaseName();
  const steps: Step[] = [
    {
      title: `Create the D1 database "${database}" if it is missing`,
      // The id must not be written into wrangler.toml: with an id, local development would use another, empty database.
      args: ['d1', 'create', database, '--update-config=false'],
      quiet: true,
      unnecessary: () => databaseExists(database),
    },
    { title: 'Apply the migrations', args: ['d1', 'migrations', 'apply', 'DB', '--remote'] },
    { title: 'Deploy the Worker and create missing queues and the R2 bucket', args: ['deploy'] },
  ];
  if (options['dry-run']) {
    process.stdout.write(`${style('dim', '# Build the dashboard')}\nnpx vite build\n`);
    for (const { title, args } of steps)
      process.stdout.write(`${style('dim', `# ${title}`)}\nnpx wrangler ${args.join(' ')}\n`);
    return;
  }
  await requireLogin();
  process.stdout.write(`${style('bold', 'Build the dashboard')}\n`);
  await ensureDashboard();
  for (const step of steps) await run(step);
  process.stdout.write(nextSteps);
}

const nextSteps = `
Errand is deployed. Next steps:

  1. Create an API key:       npm run key -- --scope admin --remote
  2. Send real mail:          set MAIL_PROVIDER and MAIL_FROM in wrangler.toml (docs/configuration.md)
                              npx wrangler secret put RESEND_API_KEY
                              npm run deploy
  3. Open the dashboard:      https://<the address above>/, and sign in with the API key
  4. Check its health:        curl https://<the address above>/healthz
`;

async function run({ title, args, quiet, unnecessary }: Step): Promise<void> {
  process.stdout.write(`${style('bold', title)}\n`);
  if (await unnecessary?.()) {
    process.stdout.write('  It exists already.\n');
    return;
  }
  const { code, stdout, stderr } = await runWrangler(args, (child) => {
    if (quiet) return;
    child.stdout?.pipe(process.stdout, { end: false });
    child.stderr?.pipe(process.stderr, { end: false });
  });
  if (code === 0) return;
  if (quiet) process.stderr.write(stdout + stderr);
  throw new UsageError(
    `\`wrangler ${args.join(' ')}\` failed with exit code ${code}. Its output is above. The steps after it were not run.`,
  );
}

async function requireLogin(): Promise<void> {
  const { stdout } = await runWrangler(['whoami', '--json']);
  if (/"loggedIn":\s*true/.test(stdout)) return;
  throw new UsageError(
    'You are not logged in to Cloudflare. Run `npx wrangler login`, or set CLOUDFLARE_API_TOKEN. If the token has access to several accounts, set CLOUDFLARE_ACCOUNT_ID too.',
  );
}

async function databaseExists(name: string): Promise<boolean> {
  const { code, stdout, stderr } = await runWrangler(['d1', 'list', '--json']);
  if (code !== 0)
    throw new UsageError(`The databases of the account could not be listed.\n\n${(stdout + stderr).trim()}`);
  return (JSON.parse(stdout) as { name: string }[]).some((database) => database.name === name);
}

function databaseName(): string {
  const name = /^database_name\s*=\s*"([^"]+)"/m.exec(readFileSync(join(projectDir, 'wrangler.toml'), 'utf8'))?.[1];
  if (!name) throw new UsageError('wrangler.toml names no D1 database. Set database_name.');
  return name;
}

main().catch(failWith);
