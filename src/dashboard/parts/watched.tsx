// Shows a task that was just enqueued until it has ended.
import type { ComponentChildren } from 'preact';
import { api, type Task } from '../api.ts';
import { to } from '../router.ts';
import { FINAL } from '../task-query.ts';
import { Progress } from './progress.tsx';
import { StateBadge } from './state-badge.tsx';
import { Problem } from './states.tsx';
import { Span } from './time.tsx';
import { useFollowed } from './use-followed.ts';

const EVERY_MS = 400;

/** `children`: shown after success. Must have the id as its `key`: it follows only the task of its first render. */
export function Watched({ id, children }: { id: string; children?: (task: Task) => ComponentChildren }) {
  const { data: task, error: fault } = useFollowed(
    (signal) => api.task(id, signal),
    (latest) => FINAL.includes(latest.status),
    EVERY_MS,
  );
  if (fault) return <Problem error={fault} compact />;
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
