// Keeps a state folder to one dev server: finds another server that uses it, and ends processes that a killed server left.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, killAll, processesWithVariable } from '../processes.ts';

/** All child processes of a dev server have its process id in this variable, so that they can be found after it was killed. */
export const ownerVariable = 'ERRAND_DEV_PID';

interface ServerRecord {
  pid: number;
  origin: string;
}

/**
 * Ends the processes that a killed dev server left on `stateDir`, because two runtimes must not share a database. Returns the
 * dev server that uses the folder now, if there is one.
 */
export async function clearLeftovers(stateDir: string): Promise<ServerRecord | undefined> {
  const record = readRecord(stateDir);
  if (!record || record.pid === process.pid) return undefined;
  if (isAlive(record.pid)) return record;
  await killAll(processesWithVariable(ownerVariable, String(record.pid)));
  return undefined;
}

/** Records in `stateDir` that this process uses it, with its `origin`. The returned function removes the record. */
export function recordServer(stateDir: string, origin: string): () => void {
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(recordFile(stateDir), JSON.stringify({ pid: process.pid, origin } satisfies ServerRecord));
  return () => {
    if (readRecord(stateDir)?.pid === process.pid) rmSync(recordFile(stateDir), { force: true });
  };
}

function recordFile(stateDir: string): string {
  return join(stateDir, 'dev.json');
}

function readRecord(stateDir: string): ServerRecord | undefined {
  try {
    return JSON.parse(readFileSync(recordFile(stateDir), 'utf8')) as ServerRecord;
  } catch {
    return undefined;
  }
}
