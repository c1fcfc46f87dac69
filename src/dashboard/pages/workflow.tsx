// The page of one workflow: its graph, progress, result, tasks and actions.
import { useState } from 'preact/hooks';
import { api, type WholeWorkflow } from '../api.ts';
import { count, plural, shortId } from '../format.ts';
import { useLive } from '../live.ts';
import { Action } from '../parts/action.tsx';
import { Id } from '../parts/copy.tsx';
import { JsonTree } from '../parts/json-tree.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Progress } from '../parts/progress.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Still } from '../parts/still.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { WorkflowGraph } from '../parts/workflow-graph.tsx';
import { WorkflowTags } from '../parts/workflow-tags.tsx';
import { to } from '../router.ts';
import { useMay } from '../session.ts';
import { URGENCY } from '../task-query.ts';

/** Rows of the list of tasks at first. */
const ROWS = 50;

export function WorkflowPage({ id }: { id: string }) {
  const [final, setFinal] = useState(false);
  const live = useLive(
    async (signal) => {
      const workflow = await api.workflow(id, signal);
      setFinal(hasEnded(workflow));
      return workflow;
    },
    [id],
    final ? { atMostEvery: 15 } : { concerns: ({ workflow_id }) => workflow_id === id },
  );
  const workflow = live.data;
  return (
    <Page
      title={workflow?.name ?? 'Workflow'}
      windowTitle={workflow ? `${workflow.name ?? 'Workflow'} ${workflow.status.toLowerCase()}` : 'Workflow'}
      above={
        <a class="crumb" href={to('/workflows')}>
          Workflows
        </a>
      }
      about={
        <div class="task-about">
          {workflow && <StateBadge state={workflow.status} large />}
          <Id id={id} />
          {workflow && <WorkflowTags tags={workflow.tags} />}
        </div>
      }
      actions={workflow && <WorkflowActions workflow={workflow} />}
    >
      <Loaded live={live} rows={6}>
        {(loaded) => <WorkflowBody workflow={loaded} />}
      </Loaded>
    </Page>
  );
}

/** A workflow fails as soon as it cannot have a result. Its other tasks may still run then. */
function hasEnded({ progress }: WholeWorkflow): boolean {
  return progress.done >= progress.total;
}

function WorkflowActions({ workflow }: { workflow: WholeWorkflow }) {
  const { workflow_id: id, status, tasks, progress } = workflow;
  if (!useMay('tasks:write')) return null;
  if (!hasEnded(workflow))
    return (
      <Action
        icon="revoke"
        label="Revoke workflow"
        done="The workflow is revoked."
        danger
        act={() => api.changeWorkflow('revoke', id)}
        confirm={{
          title: 'Revoke this workflow?',
          action: `Revoke ${plural(progress.total - progress.done, 'task')}`,
          consequences: (
            <p>
              Waiting tasks will not start. Running tasks are asked to stop, and their results are discarded. Tasks that
              have ended are not changed.
            </p>
          ),
        }}
      />
    );
  const failed = tasks.filter((task) => task.status === 'FAILURE').length;
  // With `on_child_failure: continue`, a workflow may succeed although some of its tasks failed.
  if (status === 'SUCCESS' && failed === 0) return null;
  // The API lists at most 10,000 tasks: of a larger workflow the count is not known.
  const counted = failed > 0 && tasks.length === progress.total;
  return (
    <Action
      icon="retry"
      label={`Retry ${counted ? plural(failed, 'failed task') : status === 'REVOKED' ? 'revoked tasks' : 'failed tasks'}`}
      done="Failed and revoked tasks run again, and then the tasks that depend on them."
      main={status !== 'SUCCESS'}
      act={() => api.changeWorkflow('retry', id)}
    />
  );
}

function WorkflowBody({ workflow }: { workflow: WholeWorkflow }) {
  const { progress, tasks, created_at, status, result, result_task_id } = workflow;
  const [name, setName] = useState('');
  return (
    <>
      <section class="card workflow-progress" data-state={status}>
        <Progress percent={(100 * progress.done) / Math.max(1, progress.total)} label="Tasks that have ended" />
        <span>
          <strong>{count(progress.done)}</strong> of {plural(progress.total, 'task')} ended
          <span class="quiet">
            {' '}
            · created <Time at={created_at} />
          </span>
        </span>
      </section>
      <WorkflowGraph tasks={tasks} onChoose={setName} />
      {tasks.length < progress.total && (
        <p class="quiet">
          The graph and the list show {count(tasks.length)} of {count(progress.total)} tasks.
        </p>
      )}
      {status === 'SUCCESS' && (
        <section class="card">
          <h2>
            Result
            <a class="quiet" href={to(`/tasks/${result_task_id}`)}>
              Show the task
            </a>
          </h2>
          <JsonTree value={result} label="Result" />
        </section>
      )}
      <TaskList tasks={tasks} name={name} onName={setName} />
    </>
  );
}

function TaskList(props: { tasks: WholeWorkflow['tasks']; name: string; onName(name: string): void }) {
  const [shown, setShown] = useState(ROWS);
  const names = [...new Set(props.tasks.map(({ name }) => name))];
  const tasks = props.tasks
    .filter(({ name }) => props.name === '' || name === props.name)
    .sort((one, other) => URGENCY.indexOf(one.status) - URGENCY.indexOf(other.status));
  return (
    <>
      <div class="filters">
        <h2>Tasks</h2>
        <select aria-label="Name" value={props.name} onChange={(event) => props.onName(event.currentTarget.value)}>
          <option value="">All names</option>
          {names.map((name) => (
            <option key={name}>{name}</option>
          ))}
        </select>
      </div>
      <Still page={{ items: tasks.slice(0, shown) }} idOf={({ task_id }) => task_id} chosen={`${props.name} ${shown}`}>
        {({ items }) => (
          <Table
            label="Tasks of the workflow"
            head={
              <>
                <th scope="col" class="col-state">
                  Status
                </th>
                <th scope="col">Name</th>
                <th scope="col">Id</th>
                <th scope="col" class="number minor">
                  Parents
                </th>
              </>
            }
          >
            {items.map(({ task_id, name, node, status, not_needed, parents }) => (
              <tr key={task_id} data-state={status}>
                <td class="col-state">
                  <StateBadge state={not_needed ? 'NOT NEEDED' : status} />
                </td>
                <td class="col-name">
                  <a href={to(`/tasks/${task_id}`)}>{node ?? name}</a>
                  {node !== null && <span class="quiet"> {name}</span>}
                </td>
                <td>
                  <code class="quiet">…{shortId(task_id)}</code>
                </td>
                <td class="number minor">{count(parents.length)}</td>
              </tr>
            ))}
          </Table>
        )}
      </Still>
      {tasks.length > shown && (
        <button type="button" class="link-button" onClick={() => setShown(shown + ROWS * 10)}>
          Show {count(Math.min(ROWS * 10, tasks.length - shown))} of {count(tasks.length - shown)} more tasks
        </button>
      )}
    </>
  );
}
