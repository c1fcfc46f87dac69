// One dev server per state folder: says so when another one runs on it, and ends what a killed one left running.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isAlive, killAll, processesWithVariable } from '../processes.ts';

/** Every process of a dev server carries its pid in this variable, so that they can be found when it was killed. */
export const ownerVariable = 'ERRAND_DEV_PID';

interface Claim {
  pid: number;
  origin: string;
}

/**
 * Ends processes that a killed dev server left behind on `stateDir` (two runtimes on one database would disturb each
 * other). Returns the dev server that runs there now, if one does.
 */
export async function clearLeftovers(stateDir: string): Promise<Claim | undefined> {
  const claim = readClaim(stateDir);
  if (!claim || claim.pid === process.pid) return undefined;
  if (isAlive(claim.pid)) return claim;
  await killAll(processesWithVariable(ownerVariable, String(claim.pid)));
  return undefined;
}

/** Notes that this process serves `stateDir` at `origin`; the returned function takes the note back. */
export function claimState(stateDir: string, origin: string): () => void {
  mkdirSync(stateDir, { recursive: true });
  writeFileSync(claimFile(stateDir), JSON.stringify({ pid: process.pid, origin } satisfies Claim));
  return () => {
    if (readClaim(stateDir)?.pid === process.pid) rmSync(claimFile(stateDir), { force: true });
  };
}

function claimFile(stateDir: string): string {
  return join(stateDir, 'dev.json');
}

function readClaim(stateDir: string): Claim | undefined {
  try {
    return JSON.parse(readFileSync(claimFile(stateDir), 'utf8')) as Claim;
  } catch {
    return undefined;
  }
}
