// The API keys of the fuzz's callers, made as an operator makes them.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { projectDir } from '../../scripts/wrangler.ts';
import type { FuzzRequest } from './request.ts';

const run = promisify(execFile);

export type ApiKeys = Record<FuzzRequest['caller'], string | undefined>;

export async function makeApiKeys(stateDir: string): Promise<ApiKeys> {
  const make = async (scope: string) => {
    const args = ['scripts/key.ts', '--scope', scope, '--state', stateDir];
    return (await run(process.execPath, args, { cwd: projectDir })).stdout.trim();
  };
  // One after the other: they write to the same database file.
  const admin = await make('admin');
  const writer = await make('tasks:write');
  const reader = await make('tasks:read');
  return { admin, writer, reader, unknown: 'errand_unknown', none: undefined };
}
