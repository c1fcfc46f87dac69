// Shows the progress of all tasks with one tag until the last has ended.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { now } from '../clock.ts';
import { count, duration } from '../format.ts';
import { to } from '../router.ts';
import { FINAL } from '../task-query.ts';
import { Progress } from './progress.tsx';
import { Problem } from './states.tsx';
import { useFollowed } from './use-followed.ts';

const EVERY_MS = 300;

/** Must have the tag as its `key`: it follows only the tag of its first render. */
export function WatchedBulk({ tag, total }: { tag: string; total: number }) {
  const [startedAt] = useState(now);
  const { data, error } = useFollowed(
    async (signal) => {
      const { items } = await api.tasks({ tag, limit: String(total) }, signal);
      return { done: items.filter(({ status }) => FINAL.includes(status)).length, at: now() };
    },
    ({ done }) => done >= total,
    EVERY_MS,
  );
  if (error) return <Problem error={error} compact />;
  const { done, at } = data ?? { done: 0, at: startedAt };
  return (
    <>
      <Progress percent={(100 * done) / total} label="Tasks that have ended" />
      <div class="watched">
        <strong>
          {count(done)} / {count(total)}
        </strong>
        {done >= total && <span class="quiet">in {duration(at - startedAt)}</span>}
        <a href={to('/tasks', { tag })}>Show these tasks</a>
      </div>
    </>
  );
}
