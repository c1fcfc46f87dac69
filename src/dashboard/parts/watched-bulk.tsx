// Many tasks with one tag, followed until the last has ended.
import { useEffect, useState } from 'preact/hooks';
import { api } from '../api.ts';
import { now } from '../clock.ts';
import { count, duration } from '../format.ts';
import { to } from '../router.ts';
import { FINAL } from '../task-query.ts';
import { Progress } from './progress.tsx';

const EVERY_MS = 300;

export function WatchedBulk({ tag, total }: { tag: string; total: number }) {
  const [done, setDone] = useState(0);
  const [took, setTook] = useState<number>();
  useEffect(() => {
    const over = new AbortController();
    const startedAt = now();
    const follow = async () => {
      while (!over.signal.aborted) {
        const page = await api.tasks({ tag, limit: String(total) }, over.signal).catch(() => undefined);
        if (over.signal.aborted) return;
        const ended = page?.items.filter(({ status }) => FINAL.includes(status)) ?? [];
        setDone(ended.length);
        if (ended.length >= total) return setTook(now() - startedAt);
        await new Promise((next) => setTimeout(next, EVERY_MS));
      }
    };
    void follow();
    return () => over.abort();
  }, [tag, total]);
  return (
    <>
      <Progress percent={(100 * done) / total} label="Tasks that have ended" />
      <div class="watched">
        <strong>
          {count(done)} / {count(total)}
        </strong>
        {took !== undefined && <span class="quiet">in {duration(took)}</span>}
        <a href={to('/tasks', { tag })}>See them</a>
      </div>
    </>
  );
}
