// One schedule: when it fires, what it starts, and its actions.
import { useState } from 'preact/hooks';
import { api, type Schedule } from '../api.ts';
import { absolute, duration } from '../format.ts';
import { useLive } from '../live.ts';
import { to } from '../router.ts';
import { cronInWords, everyInWords } from '../rule.ts';
import { outlineOf, workflowNameOf } from '../workflow-outline.ts';
import { Action } from './action.tsx';
import { BackfillDialog } from './backfill-dialog.tsx';
import { Icon } from './icon.tsx';
import { JsonTree } from './json-tree.tsx';
import { Problem } from './states.tsx';
import { Time } from './time.tsx';

const CATCHUP: Record<string, string> = { latest: 'run once', none: 'skip', all: 'run all' };
const OVERLAP: Record<string, string> = { skip: 'skip', allow: 'allow' };

export function ScheduleCard({ schedule, mayWrite }: { schedule: Schedule; mayWrite: boolean }) {
  const { name, task, cron, every, timezone, paused, source, last_run_at, last_task_id, next_run_at } = schedule;
  const [backfilling, setBackfilling] = useState(false);
  const [showsJson, setShowsJson] = useState(false);
  const [showsNext, setShowsNext] = useState(false);
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
      <p class="schedule-starts">
        <Starts schedule={schedule} />
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
        <dt>{cron ? 'Cron' : 'Every'}</dt>
        <dd>{cron ? <code>{cron}</code> : duration((every ?? 0) * 1000)}</dd>
        <dt>Missed runs</dt>
        <dd>{CATCHUP[schedule.catchup] ?? schedule.catchup}</dd>
        <dt>Overlap</dt>
        <dd>{OVERLAP[schedule.overlap] ?? schedule.overlap}</dd>
      </dl>
      {schedule.last_error && <p class="bad schedule-error">{schedule.last_error}</p>}
      <footer>
        {mayWrite && <Actions schedule={schedule} onBackfill={() => setBackfilling(true)} />}
        <span class="schedule-more">
          <Toggle title={task === null ? 'Workflow' : 'Input'} isOpen={showsJson} onToggle={setShowsJson} />
          <Toggle title="Next 10 runs" isOpen={showsNext} onToggle={setShowsNext} />
        </span>
      </footer>
      {showsJson && (
        <JsonTree value={task === null ? schedule.workflow : schedule.input} label={`what ${name} starts`} />
      )}
      {showsNext && <NextRuns name={name} timezone={timezone} />}
      {backfilling && <BackfillDialog name={name} onClose={() => setBackfilling(false)} />}
    </section>
  );
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

/** A workflow is listed under the name it was given, or else under the name of the schedule. */
function Starts({ schedule: { name, task, workflow } }: { schedule: Schedule }) {
  if (task !== null)
    return (
      <>
        Starts the task <a href={to(`/definitions/${encodeURIComponent(task)}`)}>{task}</a>
      </>
    );
  const outline = outlineOf(workflow);
  return (
    <>
      Starts a <a href={to('/workflows', { name: workflowNameOf(workflow) ?? name })}>{outline?.kind ?? 'workflow'}</a>
      {outline && <span class="quiet">: {outline.parts}</span>}
    </>
  );
}

function Actions({ schedule, onBackfill }: { schedule: Schedule; onBackfill(): void }) {
  const { name, task, paused, source } = schedule;
  return (
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
      <button type="button" class="button" aria-label={`Backfill ${name}`} onClick={onBackfill}>
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
                <code>{name}</code> will start nothing more. The tasks that it has enqueued are kept.
              </p>
            ),
          }}
        />
      )}
    </>
  );
}

function Toggle({ title, isOpen, onToggle }: { title: string; isOpen: boolean; onToggle(isOpen: boolean): void }) {
  return (
    <button type="button" class="link-button" aria-expanded={isOpen} onClick={() => onToggle(!isOpen)}>
      {title}
    </button>
  );
}
