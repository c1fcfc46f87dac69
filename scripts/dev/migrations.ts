// Applies local migrations. Skips wrangler, which takes seconds, if nothing has changed since the last start.
import type { ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { migrateLocally, projectDir } from '../wrangler.ts';

/**
 * Applies all migrations to the local database in `stateDir`. The stored fingerprint also covers wrangler.toml, because another
 * `database_id` means another, empty local database.
 * @throws UsageError if a migration fails.
 */
export async function ensureMigrated(stateDir: string, onStart?: (child: ChildProcess) => void): Promise<void> {
  const stamp = join(stateDir, 'migrated.sha256');
  const current = fingerprint();
  if (hasDatabase(stateDir) && existsSync(stamp) && readFileSync(stamp, 'utf8') === current) return;
  await migrateLocally(stateDir, onStart);
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(stamp, current);
}

function fingerprint(): string {
  const hash = createHash('sha256').update(readFileSync(join(projectDir, 'wrangler.toml')));
  const folder = join(projectDir, 'migrations');
  for (const name of readdirSync(folder).sort()) {
    hash.update(`\0${name}\0`).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
}

function hasDatabase(stateDir: string): boolean {
  const folder = join(stateDir, 'v3', 'd1');
  return (
    existsSync(folder) && readdirSync(folder, { recursive: true }).some((name) => String(name).endsWith('.sqlite'))
  );
}
