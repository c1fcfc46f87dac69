// `npm run build`: builds the dashboard into dist/dashboard and the Worker into dist/worker. Deploys nothing.
import { ensureDashboard } from './dashboard.ts';
import { failWith, readOptions, UsageError } from './options.ts';
import { runWrangler } from './wrangler.ts';

async function main(): Promise<void> {
  readOptions({ usage: 'npm run build', about: 'Builds the dashboard and the Worker. Deploys nothing.' }, {});
  const bytes = await ensureDashboard();
  process.stdout.write(
    bytes === undefined
      ? 'The dashboard in dist/dashboard is up to date.\n'
      : `Built the dashboard into dist/dashboard: ${(bytes / 1024).toFixed(1)} KiB of scripts, gzipped.\n`,
  );
  const { code, stdout, stderr } = await runWrangler(['deploy', '--dry-run', '--outdir', 'dist/worker']);
  if (code !== 0)
    throw new UsageError(
      `The Worker could not be built. Fix the errors below and run the command again.\n\n${(stdout + stderr).trim()}`,
    );
  process.stdout.write(stdout);
}

main().catch(failWith);
