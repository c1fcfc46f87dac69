// `npm run fill`: a local database with as many made-up tasks as wanted, to see how the lists and pages do at that size.
// Writes into the SQLite file of the local D1 itself: a million tasks over HTTP would take hours.
import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { ensureMigrated } from './dev/migrations.ts';
import { makeUpTasks } from './fill/made-up.ts';
import { writeTasks } from './fill/write-tasks.ts';
import { failWith, readOptions, UsageError } from './options.ts';

const MAX_TASKS = 10_000_000;

async function main(): Promise<void> {
  const options = readOptions(
    { usage: 'npm run fill -- --state DIR [--tasks N]', what: 'Fills an empty local database with made-up tasks.' },
    {
      tasks: { value: 'N', help: 'how many (default: 1000000)' },
      days: { value: 'N', help: 'of how many days, up to now (default: 30)' },
      seed: { value: 'N', help: 'the same seed makes the same tasks (default: 1)' },
      state: { value: 'DIR', help: 'a folder for `npm run dev -- --state DIR`; no server may be running on it' },
    },
  );
  if (options.state === undefined) throw new UsageError('give a folder of its own for so much data: --state DIR');
  const tasks = whole('tasks', options.tasks ?? '1000000', MAX_TASKS);
  const days = whole('days', options.days ?? '30', 365);
  const seed = whole('seed', options.seed ?? '1', 2 ** 31);
  const stateDir = resolve(options.state);
  await ensureMigrated(stateDir);
  const { DatabaseSync } = await import('node:sqlite');
  const db = new DatabaseSync(databaseFile(stateDir));
  try {
    if (db.prepare('SELECT 1 FROM tasks LIMIT 1').get()) throw new UsageError(`${stateDir} holds tasks already`);
    // What a crash would lose can be made again.
    db.exec('PRAGMA synchronous = OFF; PRAGMA cache_size = -200000');
    const now = Date.now();
    const startedAt = performance.now();
    writeTasks(db, makeUpTasks(tasks, days, now, seed), now, (written) =>
      process.stderr.write(`${written.toLocaleString('en-US')} tasks\r`),
    );
    db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    process.stdout.write(`${tasks.toLocaleString('en-US')} tasks of ${days} days in ${seconds} s, in ${stateDir}\n`);
  } finally {
    db.close();
  }
}

function whole(name: string, text: string, most: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > most)
    throw new UsageError(`--${name} ${text}: a whole number from 1 to ${most}, please.`);
  return value;
}

/** The one database wrangler keeps in a state folder. */
function databaseFile(stateDir: string): string {
  const folder = join(stateDir, 'v3', 'd1', 'miniflare-D1DatabaseObject');
  const files = readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw new UsageError(`${folder} holds ${files.length} databases; one was expected`);
  return join(folder, file);
}

main().catch(failWith);
