// Shows the parents and children of a task in its workflow.
import { api, type WholeWorkflow } from '../api.ts';
import { plural, shortId } from '../format.ts';
import { useLive } from '../live.ts';
import { to } from '../router.ts';
import { StateBadge } from './state-badge.tsx';
import { Problem } from './states.tsx';

type Member = WholeWorkflow['tasks'][number];

/** Longer lists are cut. */
const MAX_LISTED = 8;

export function Relatives({ taskId, workflowId }: { taskId: string; workflowId: string }) {
  // Loads the whole workflow, which may be large, so not often.
  const { data, error } = useLive((signal) => api.workflow(workflowId, signal), [workflowId], { atMostEvery: 15 });
  if (!data) return error ? <Problem error={error} compact /> : null;
  const parentIds = new Set(data.tasks.find(({ task_id }) => task_id === taskId)?.parents);
  const parents = data.tasks.filter(({ task_id }) => parentIds.has(task_id));
  const children = data.tasks.filter((task) => task.parents.includes(taskId));
  return (
    <section class="card">
      <h2>
        Place in the workflow
        <a class="quiet" href={to(`/workflows/${workflowId}`)}>
          Show graph
        </a>
      </h2>
      <Members title="Parents" members={parents} />
      <Members title="Children" members={children} />
    </section>
  );
}

function Members({ title, members }: { title: string; members: Member[] }) {
  if (members.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="plain members">
        {members.slice(0, MAX_LISTED).map(({ task_id, name, status }) => (
          <li key={task_id}>
            <StateBadge state={status} />
            <a href={to(`/tasks/${task_id}`)}>{name}</a>
            <code class="quiet">…{shortId(task_id)}</code>
          </li>
        ))}
      </ul>
      {members.length > MAX_LISTED && (
        <p class="quiet">and {plural(members.length - MAX_LISTED, 'more task', 'more tasks')}</p>
      )}
    </>
  );
}
