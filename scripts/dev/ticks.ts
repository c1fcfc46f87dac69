// Triggers the cron handler in local development, where Cron Triggers do not run.
import { setTimeout as wait } from 'node:timers/promises';

/**
 * Calls the cron handler now and then every `seconds` until `signal` aborts. Each call waits for the one before, so that two
 * maintenance runs never overlap. A call that fails is ignored: the Worker may be reloading.
 */
export async function tickCron(origin: string, seconds: number, signal: AbortSignal): Promise<void> {
  const url = `${origin}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`;
  while (!signal.aborted) {
    const next = performance.now() + seconds * 1000;
    try {
      const reply = await fetch(url, { signal });
      await reply.arrayBuffer();
    } catch {
      // The Worker may be reloading.
    }
    try {
      await wait(Math.max(0, next - performance.now()), undefined, { signal });
    } catch {
      return;
    }
  }
}
