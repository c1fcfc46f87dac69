// Where a state folder of the dev server has its database.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from './options.ts';

/** The SQLite file of the only database in a state folder. Throws a UsageError if there is not exactly one. */
export function databaseFile(stateDir: string): string {
  const folder = join(stateDir, 'v3', 'd1', 'miniflare-D1DatabaseObject');
  const files = readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.sqlite$/.test(name));
  const [file] = files;
  if (file === undefined || files.length > 1)
    throw new UsageError(`${folder} contains ${files.length} databases, but must contain 1.`);
  return join(folder, file);
}
