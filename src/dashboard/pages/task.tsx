// The page of one task: its state, timeline, payloads, attempts and actions.
import { useState } from 'preact/hooks';
import { type Attempt, api, type StepList, type Task } from '../api.ts';
import { useLive } from '../live.ts';
import { Action } from '../parts/action.tsx';
import { Asks } from '../parts/asks.tsx';
import { Attempts } from '../parts/attempts.tsx';
import { Id } from '../parts/copy.tsx';
import { EnqueueDialog } from '../parts/enqueue-dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Payload } from '../parts/payload.tsx';
import { Progress } from '../parts/progress.tsx';
import { Relatives } from '../parts/relatives.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { StepWarnings } from '../parts/step-warnings.tsx';
import { Steps } from '../parts/steps.tsx';
import { TaskErrorBox } from '../parts/task-error.tsx';
import { TaskFacts } from '../parts/task-facts.tsx';
import { Timeline } from '../parts/timeline.tsx';
import { Undoing, Undone } from '../parts/undos.tsx';
import { Waiting } from '../parts/waiting.tsx';
import { to } from '../router.ts';
import { useMay } from '../session.ts';
import { FINAL } from '../task-query.ts';

interface Whole {
  task: Task;
  attempts: Attempt[];
  costUsd: number;
  steps: StepList;
}

export function TaskPage({ id }: { id: string }) {
  const [final, setFinal] = useState(false);
  const live = useLive<Whole>(
    async (signal) => {
      const [task, { items: attempts, cost_usd }, steps] = await Promise.all([
        api.task(id, signal),
        api.attempts(id, signal),
        api.steps(id, signal),
      ]);
      setFinal(FINAL.includes(task.status));
      return { task, attempts, costUsd: cost_usd, steps };
    },
    [id],
    // A final task changes only by a retry.
    final ? { atMostEvery: 15 } : { concerns: ({ task_id }) => task_id === id, showsSteps: true },
  );
  const task = live.data?.task;
  return (
    <Page
      title={task?.name ?? 'Task'}
      windowTitle={task ? `${task.name} ${task.status.toLowerCase()}` : 'Task'}
      above={<Crumb />}
      about={
        <div class="task-about">
          {task && <StateBadge state={task.status} large />}
          <Id id={id} />
        </div>
      }
      actions={task && <TaskActions task={task} />}
    >
      <Loaded live={live} rows={6}>
        {(whole) => <TaskBody {...whole} />}
      </Loaded>
    </Page>
  );
}

function Crumb() {
  return (
    <a class="crumb" href={to('/tasks')}>
      Tasks
    </a>
  );
}

function TaskBody({ task, attempts, costUsd, steps: stepList }: Whole) {
  const { progress } = task;
  const { items: steps } = stepList;
  const underWay = !FINAL.includes(task.status);
  return (
    <div class="columns">
      <div>
        {task.waiting && <Waiting task={task} wait={task.waiting} />}
        <Asks task={task} steps={steps} />
        {task.undoing && <Undoing undoing={task.undoing} steps={steps} />}
        {!underWay && <Undone task={task} steps={steps} />}
        <StepWarnings attempts={attempts} />
        {progress && underWay && (
          <section class="card task-progress">
            <Progress percent={progress.percent} label="Progress" />
            <span>
              {progress.percent !== null && <strong>{Math.round(progress.percent)} %</strong>} {progress.message}
              {progress.total !== null && (
                <span class="quiet">
                  {' '}
                  {progress.current} of {progress.total}
                </span>
              )}
            </span>
          </section>
        )}
        {task.error && <TaskErrorBox error={task.error} traceback={task.traceback} final={!underWay} />}
        <Steps task={task} attempts={attempts} steps={steps} cost={stepList} />
        {task.status === 'SUCCESS' && (
          <Payload title="Result" value={task.result} url={task.result_url} taskId={task.task_id} />
        )}
        <Payload title="Input" value={task.input} url={task.input_url} taskId={task.task_id} />
        <Attempts attempts={attempts} />
      </div>
      <div>
        <Timeline task={task} attempts={attempts} />
        <TaskFacts task={task} attempts={attempts} costUsd={costUsd} />
        {task.workflow_id && <Relatives taskId={task.task_id} workflowId={task.workflow_id} />}
      </div>
    </div>
  );
}

function TaskActions({ task }: { task: Task }) {
  const mayWrite = useMay('tasks:write');
  const [again, setAgain] = useState(false);
  if (!mayWrite) return null;
  const final = FINAL.includes(task.status);
  return (
    <>
      {!final && (
        <Action
          icon="revoke"
          label="Revoke task"
          done="The task is revoked."
          danger
          act={() => api.revokeTask(task.task_id)}
          confirm={{
            title: 'Revoke this task?',
            action: 'Revoke task',
            consequences: (
              <p>
                If the task is waiting, it will not start. If it is running, it is asked to stop, and its result is
                discarded. Effects it has already had, such as a sent mail, are not undone.
              </p>
            ),
          }}
        />
      )}
      {final && task.workflow_id === null && (
        <Action
          icon="retry"
          label="Retry task"
          done="The task runs again with its original input."
          main={task.status !== 'SUCCESS'}
          act={() => api.retryTask(task.task_id)}
        />
      )}
      {!task.input_url && (
        <button type="button" class="button" onClick={() => setAgain(true)}>
          <Icon name="edit" />
          Run again with edited input
        </button>
      )}
      {again && (
        <EnqueueDialog
          title={`Run ${task.name} again with edited input`}
          name={task.name}
          input={task.input}
          options={{ queue: task.queue, ...(task.tags.length > 0 && { tags: task.tags }) }}
          onClose={() => setAgain(false)}
        />
      )}
    </>
  );
}
