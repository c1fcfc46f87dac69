// Something that was just started, asked for again and again until it has ended; not while the window is hidden.
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../send.ts';

/** Loads every `everyMs` milliseconds until `isOver` says so, or until it is refused. `load` and `isOver` are those of the first call. */
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
          // Out of reach, or not well, it is asked again; refused it stays.
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
