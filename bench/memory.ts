// How much memory the servers of the bench hold. It reads /proc, so it runs on Linux only.
import { readdirSync, readFileSync } from 'node:fs';

const PAGE_BYTES = 4096;

/** MiB that the processes of a group hold in memory and whose name is `name`. */
export function memoryOf(group: number, name: string): number {
  const pids = readdirSync('/proc').filter((entry) => /^\d+$/.test(entry));
  const bytes = pids.map((pid) => {
    try {
      // The name stands in brackets; after it come the state, the parent and the group.
      const [, found, rest = ''] = /^\d+ \((.*)\) (.*)$/s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? [];
      if (found !== name || Number(rest.split(' ')[2]) !== group) return 0;
      return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * PAGE_BYTES;
    } catch {
      return 0; // The process has ended.
    }
  });
  return bytes.reduce((sum, one) => sum + one, 0) / 1024 ** 2;
}
