// A task that was just started, followed closely until it has ended.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { api, type Task } from '../api.ts';
import { to } from '../router.ts';
import { FINAL } from '../task-query.ts';
import { Progress } from './progress.tsx';
import { StateBadge } from './state-badge.tsx';
import { Span } from './time.tsx';

const EVERY_MS = 400;

/** `children`: what to say when it has succeeded. */
export function Watched({ id, children }: { id: string; children?: (task: Task) => ComponentChildren }) {
  const task = useFollowed(id);
  if (!task) return <span class="quiet">Accepted …</span>;
  const { status, progress, error, attempts, created_at, finished_at } = task;
  return (
    <>
      <div class="watched">
        <StateBadge state={status} />
        <a href={to(`/tasks/${id}`)}>{task.name}</a>
        <span class="quiet">
          {attempts > 1 && `attempt ${attempts} · `}
          <Span from={created_at} to={finished_at} />
        </span>
      </div>
      {progress && !FINAL.includes(status) && (
        <Progress percent={progress.percent} label={progress.message ?? 'Progress'} />
      )}
      {error && status !== 'SUCCESS' && <p class="quiet clip">{error.message}</p>}
      {status === 'SUCCESS' && children?.(task)}
    </>
  );
}

function useFollowed(id: string): Task | undefined {
  const [task, setTask] = useState<Task>();
  useEffect(() => {
    const over = new AbortController();
    const follow = async () => {
      while (!over.signal.aborted) {
        const latest = await api.task(id, over.signal).catch(() => undefined);
        if (over.signal.aborted) return;
        if (latest) setTask(latest);
        if (latest && FINAL.includes(latest.status)) return;
        await new Promise((done) => setTimeout(done, EVERY_MS));
      }
    };
    void follow();
    return () => over.abort();
  }, [id]);
  return task;
}
