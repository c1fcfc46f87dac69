// The fields of a task, apart from its payloads and its attempts.
import type { Attempt, Task } from '../api.ts';
import { count } from '../format.ts';
import { to } from '../router.ts';
import { Time } from './time.tsx';

export function TaskFacts({ task, attempts, costUsd }: { task: Task; attempts: Attempt[]; costUsd: number }) {
  const counted = task.attempts - task.crashes;
  const uncounted = Math.max(0, attempts.length - counted);
  return (
    <section class="card">
      <h2>Details</h2>
      <dl class="facts">
        <dt>Definition</dt>
        <dd>
          <a href={to(`/definitions/${encodeURIComponent(task.name)}`)}>{task.name}</a>
        </dd>
        <dt>Queue</dt>
        <dd>
          <a href={to('/tasks', { queue: task.queue })}>{task.queue}</a>
        </dd>
        <dt>Attempts</dt>
        <dd>
          {counted} of {task.max_retries + 1}
          {uncounted > 0 && (
            <span
              class="quiet"
              title="Snoozed and crashed attempts use up no retry; a retry by hand starts the count again."
            >
              {' '}
              and {count(uncounted)} not counted
            </span>
          )}
        </dd>
        {task.attempts > 0 && (
          <>
            <dt>Cost</dt>
            <dd title="An estimate from the rows, queue operations and runtime of this task, at Cloudflare's prices.">
              ${(costUsd * 1000).toFixed(4)} <span class="quiet">per 1,000 tasks</span>
            </dd>
          </>
        )}
        {task.eta && (
          <>
            <dt>Due</dt>
            <dd>
              <Time at={task.eta} />
            </dd>
          </>
        )}
        {task.expires && (
          <>
            <dt>Expires</dt>
            <dd>
              <Time at={task.expires} />
            </dd>
          </>
        )}
        {task.tags.length > 0 && (
          <>
            <dt>Tags</dt>
            <dd>
              {task.tags.map((tag) => (
                <a class="tag" key={tag} href={to('/tasks', { tag })}>
                  {tag}
                </a>
              ))}
            </dd>
          </>
        )}
        {task.forked_from && (
          <>
            <dt>Forked from</dt>
            <dd>
              <a href={to(`/tasks/${task.forked_from}`)}>
                <code>{task.forked_from}</code>
              </a>
            </dd>
          </>
        )}
        {task.workflow_id && (
          <>
            <dt>Workflow</dt>
            <dd>
              <a href={to(`/workflows/${task.workflow_id}`)}>
                <code>{task.workflow_id}</code>
              </a>
            </dd>
          </>
        )}
      </dl>
    </section>
  );
}
