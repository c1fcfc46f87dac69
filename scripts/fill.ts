// `npm run fill`: fills a local database with made-up tasks, to try the lists and pages with many tasks. Writes directly into
// the SQLite file of the local D1, because a million tasks over HTTP would take hours.
import { resolve } from 'node:path';
import { databaseFile } from './database-file.ts';
import { ensureMigrated } from './dev/migrations.ts';
import { makeUpTasks } from './fill/made-up.ts';
import { writeTasks } from './fill/write-tasks.ts';
import { failWith, readOptions, UsageError } from './options.ts';

const MAX_TASKS = 10_000_000;

async function main(): Promise<void> {
  const options = readOptions(
    { usage: 'npm run fill -- --state DIR [--tasks N]', about: 'Fills an empty local database with made-up tasks.' },
    {
      tasks: { value: 'N', help: 'number of tasks (default: 1000000)' },
      days: { value: 'N', help: 'spread the tasks over the last N days (default: 30)' },
      seed: { value: 'N', help: 'seed of the random numbers: the same seed makes the same tasks (default: 1)' },
      state: { value: 'DIR', help: 'state folder, for `npm run dev -- --state DIR`; no server may use it now' },
    },
  );
  if (options.state === undefined) throw new UsageError('Choose an empty state folder for the tasks: --state DIR.');
  const tasks = whole('tasks', options.tasks ?? '1000000', MAX_TASKS);
  const days = whole('days', options.days ?? '30', 365);
  const seed = whole('seed', options.seed ?? '1', 2 ** 31);
  const stateDir = resolve(options.state);
  await ensureMigrated(stateDir);
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(databaseFile(stateDir));
  try {
    if (db.prepare('SELECT 1 FROM tasks LIMIT 1').get())
      throw new UsageError(`${stateDir} already contains tasks. Choose another folder.`);
    // Faster without a flush to disk: after a crash, the folder can be filled again.
    db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000');
    const now = Date.now();
    const startedAt = performance.now();
    writeTasks(db, makeUpTasks(tasks, days, now, seed), now, (written) =>
      process.stderr.write(`Wrote ${written.toLocaleString('en-US')} tasks.\r`),
    );
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(
      `Wrote ${tasks.toLocaleString('en-US')} tasks of the last ${days} days into ${stateDir} in ${seconds} s.\n`,
    );
  } finally {
    db.close();
  }
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(
      `--${name} ${text} is not valid. Give a whole number from 1 to ${most.toLocaleString('en-US')}.`,
    );
  return value;
}

main().catch(failWith);
