// `npm run build`: the dashboard into dist/dashboard, and the Worker's bundle into dist/worker. Deploys nothing.
import { ensureDashboard } from './dashboard.ts';
import { failWith, readOptions, UsageError } from './options.ts';
import { runWrangler } from './wrangler.ts';

async function main(): Promise<void> {
  readOptions({ usage: 'npm run build', what: 'Builds the dashboard and the bundle of the Worker.' }, {});
  const bytes = await ensureDashboard();
  const size = bytes === undefined ? 'unchanged' : `${(bytes / 1024).toFixed(1)} KiB of scripts, gzipped`;
  process.stdout.write(`Dashboard: dist/dashboard, ${size}\n`);
  const { code, stdout, stderr } = await runWrangler(['deploy', '--dry-run', '--outdir', 'dist/worker']);
  if (code !== 0) throw new UsageError(`the Worker could not be built:\n\n${(stdout + stderr).trim()}`);
  process.stdout.write(stdout);
}

main().catch(failWith);
