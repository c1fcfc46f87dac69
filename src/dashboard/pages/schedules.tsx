// The page of schedules: create, pause, run or delete one, and see its next runs.
import { useState } from 'preact/hooks';
import { api, type Schedule } from '../api.ts';
import { absolute, duration } from '../format.ts';
import { useLive } from '../live.ts';
import { Action } from '../parts/action.tsx';
import { BackfillDialog } from '../parts/backfill-dialog.tsx';
import { Command, curl } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { IN_ORDER, Pager } from '../parts/pager.tsx';
import { ScheduleDialog } from '../parts/schedule-dialog.tsx';
import { Empty, Problem } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { Time } from '../parts/time.tsx';
import { to, usePlace } from '../router.ts';
import { cronInWords, everyInWords } from '../rule.ts';
import { useMay } from '../session.ts';

const PAGE_SIZE = 50;

export function Schedules() {
  const cursor = usePlace().query.get('cursor');
  const live = useLive((signal) => api.schedules({ limit: PAGE_SIZE, ...(cursor && { cursor }) }, signal), [cursor]);
  const mayWrite = useMay('tasks:write');
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title="Schedules"
      about="Tasks and workflows that run on a schedule."
      actions={
        mayWrite &&
        live.data && (
          <button type="button" class="button button-main" onClick={() => setCreating(true)}>
            <Icon name="plus" />
            New schedule
          </button>
        )
      }
    >
      <Loaded live={live} rows={5}>
        {(page) => (
          <Still page={page} idOf={({ name }) => name}>
            {({ items, next_cursor }) =>
              items.length === 0 ? (
                <Empty icon="schedules" title="No schedules yet">
                  <p>Define one in code beside its task, or create one over HTTP:</p>
                  <Command
                    text={curl('POST', '/schedules', {
                      name: 'hello',
                      task: 'demo.echo',
                      input: { value: 1 },
                      every: 60,
                    })}
                  />
                </Empty>
              ) : (
                <>
                  <div class="schedules">
                    {items.map((schedule) => (
                      <Card key={schedule.name} schedule={schedule} mayWrite={mayWrite} />
                    ))}
                  </div>
                  <Pager next={next_cursor} shown={items.length} noun="schedule" labels={IN_ORDER} />
                </>
              )
            }
          </Still>
        )}
      </Loaded>
      {creating && <ScheduleDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

const CATCHUP: Record<string, string> = { latest: 'run once', none: 'skip', all: 'run all' };
const OVERLAP: Record<string, string> = { skip: 'skip', allow: 'allow' };

function Card({ schedule, mayWrite }: { schedule: Schedule; mayWrite: boolean }) {
  const { name, task, workflow, cron, every, timezone, paused, source, last_run_at, last_task_id, next_run_at } =
    schedule;
  const [open, setOpen] = useState(false);
  const [backfilling, setBackfilling] = useState(false);
  return (
    <section class={paused ? 'card schedule schedule-paused' : 'card schedule'} aria-label={name}>
      <header>
        <h2>{name}</h2>
        {paused && <span class="tag tag-warn">paused</span>}
        <span class="tag">{source === 'code' ? 'defined in code' : 'created by API'}</span>
      </header>
      <p class="schedule-rule">
        {(cron ? cronInWords(cron) : everyInWords(every ?? 0)) ?? cron}
        {cron && <span class="quiet"> · {timezone}</span>}
      </p>
      <dl class="facts facts-inline">
        <dt>Next run</dt>
        <dd>{paused ? 'paused' : <Time at={next_run_at} />}</dd>
        <dt>Last run</dt>
        <dd>
          {last_task_id ? (
            <a href={to(`/tasks/${last_task_id}`)}>
              <Time at={last_run_at} />
            </a>
          ) : (
            <Time at={last_run_at} />
          )}
        </dd>
        <dt>{task === null ? 'Starts' : 'Definition'}</dt>
        <dd>
          {task === null ? (
            <a href={to('/workflows', { name: workflowName(workflow) ?? name })}>a workflow</a>
          ) : (
            <a href={to('/tasks', { name: task })}>{task}</a>
          )}
        </dd>
        <dt>{cron ? 'Cron' : 'Every'}</dt>
        <dd>{cron ? <code>{cron}</code> : duration((every ?? 0) * 1000)}</dd>
        <dt>Missed runs</dt>
        <dd>{CATCHUP[schedule.catchup] ?? schedule.catchup}</dd>
        <dt>Overlap</dt>
        <dd>{OVERLAP[schedule.overlap] ?? schedule.overlap}</dd>
      </dl>
      {schedule.last_error && <p class="bad schedule-error">{schedule.last_error}</p>}
      <footer>
        {mayWrite && (
          <>
            <Action
              icon="playground"
              label="Run now"
              about={name}
              done={`A ${task === null ? 'workflow' : 'task'} of the schedule ${name} is enqueued.`}
              act={() => api.runSchedule(name)}
              link={({ task_id }) => ({ href: to(`/tasks/${task_id}`), text: 'Show the task' })}
            />
            <Action
              icon={paused ? 'playground' : 'pause'}
              label={paused ? 'Resume' : 'Pause'}
              about={name}
              done={`The schedule ${name} is ${paused ? 'resumed' : 'paused'}.`}
              act={() => api.changeSchedule(name, { paused: !paused })}
            />
            <button type="button" class="button" aria-label={`Backfill ${name}`} onClick={() => setBackfilling(true)}>
              <Icon name="retry" />
              Backfill
            </button>
            {source === 'api' && (
              <Action
                icon="trash"
                label="Delete"
                about={name}
                done={`The schedule ${name} is deleted.`}
                danger
                act={() => api.deleteSchedule(name)}
                confirm={{
                  title: 'Delete this schedule?',
                  action: 'Delete schedule',
                  consequences: (
                    <p>
                      <code>{name}</code> will enqueue no more tasks. The tasks that it has enqueued are kept.
                    </p>
                  ),
                }}
              />
            )}
          </>
        )}
        <button type="button" class="link-button" aria-expanded={open} onClick={() => setOpen(!open)}>
          Next 10 runs
        </button>
      </footer>
      {open && <NextRuns name={name} timezone={timezone} />}
      {backfilling && <BackfillDialog name={name} onClose={() => setBackfilling(false)} />}
    </section>
  );
}

/** The name that the workflow of a schedule was given. */
function workflowName(workflow: unknown): string | undefined {
  const isNamed = typeof workflow === 'object' && workflow !== null && 'name' in workflow && !('task' in workflow);
  return isNamed && typeof workflow.name === 'string' ? workflow.name : undefined;
}

function NextRuns({ name, timezone }: { name: string; timezone: string }) {
  const { data, error } = useLive((signal) => api.nextRuns(name, signal), [name], { atMostEvery: 60 });
  if (error && !data) return <Problem error={error} compact />;
  return (
    <ol class="next-runs">
      {(data?.items ?? []).map((at) => (
        <li key={at}>
          <time datetime={at} title={absolute(at)}>
            {inZone(at, timezone)}
          </time>
          <span class="quiet">
            <Time at={at} />
          </span>
        </li>
      ))}
    </ol>
  );
}

/** The time in the schedule's own time zone. */
function inZone(at: string, timeZone: string): string {
  const format = { weekday: 'short', day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' } as const;
  try {
    return new Intl.DateTimeFormat('en-GB', { ...format, timeZone, timeZoneName: 'short' }).format(new Date(at));
  } catch {
    return at;
  }
}
