// The clock that Cloudflare's Cron Triggers are in production: local dev never fires them by itself.
import { setTimeout as wait } from 'node:timers/promises';

const everyMs = 2000;

/**
 * Fires the Worker's cron now and then every two seconds until `signal` aborts. The next tick waits for the last one to
 * end, so a slow sweep is never doubled. A tick that fails is dropped: the Worker may be reloading.
 */
export async function tickCron(origin: string, signal: AbortSignal): Promise<void> {
  const url = `${origin}/cdn-cgi/handler/scheduled?cron=*+*+*+*+*`;
  while (!signal.aborted) {
    const next = performance.now() + everyMs;
    try {
      const reply = await fetch(url, { signal });
      await reply.arrayBuffer();
    } catch {
      // Not reachable just now.
    }
    try {
      await wait(Math.max(0, next - performance.now()), undefined, { signal });
    } catch {
      return;
    }
  }
}
