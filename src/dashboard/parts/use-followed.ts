// Loads something that was just started until it has ended. Pauses while the window is hidden.
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../send.ts';

/** Loads every `everyMs` milliseconds until `isOver` returns true or the API refuses. Later values of `load` and `isOver` are ignored. */
export function useFollowed<Data>(
  load: (signal: AbortSignal) => Promise<Data>,
  isOver: (data: Data) => boolean,
  everyMs: number,
): { data: Data | undefined; error: Error | undefined } {
  const [data, setData] = useState<Data>();
  const [error, setError] = useState<Error>();
  useEffect(() => {
    const left = new AbortController();
    const follow = async () => {
      while (!left.signal.aborted) {
        await untilVisible();
        try {
          const latest = await load(left.signal);
          if (left.signal.aborted) return;
          setData(latest);
          if (isOver(latest)) return;
        } catch (thrown) {
          // A refusal is final. After a lost connection, a server error or a rate limit, the load is repeated.
          if (thrown instanceof ApiError && thrown.status < 500 && thrown.status !== 429) return setError(thrown);
        }
        await new Promise((next) => setTimeout(next, everyMs));
      }
    };
    void follow();
    return () => left.abort();
  }, []);
  return { data, error };
}

async function untilVisible(): Promise<void> {
  while (document.hidden)
    await new Promise((next) => document.addEventListener('visibilitychange', next, { once: true }));
}
