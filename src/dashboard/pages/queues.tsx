// The page of queues: waiting and running tasks, throughput, and buttons to pause and resume.
import { api, type QueueStatus } from '../api.ts';
import { count, duration } from '../format.ts';
import { useLive } from '../live.ts';
import { Action } from '../parts/action.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { to } from '../router.ts';
import { useMay } from '../session.ts';

/** The API counts waiting tasks up to this number. */
const MAX_COUNTED = 1000;

export function Queues() {
  const live = useLive((signal) => api.queues(signal), []);
  const mayWrite = useMay('tasks:write');
  const heads = ['Waiting', 'Running', 'Ended per minute', 'Longest wait', 'Backlog'];
  return (
    <Page title="Queues" about="Pausing stops new tasks from starting. Nothing is lost.">
      <Loaded live={live} rows={5}>
        {({ items }) => (
          <Table
            label="Queues"
            head={
              <>
                <th scope="col">Queue</th>
                {heads.map((head, index) => (
                  <th scope="col" class={index > 1 ? 'number minor' : 'number'} key={head}>
                    {head}
                  </th>
                ))}
                {mayWrite && (
                  <th scope="col">
                    <span class="hidden">Actions</span>
                  </th>
                )}
              </>
            }
          >
            {items.map((queue) => (
              <Row key={queue.name} queue={queue} mayWrite={mayWrite} />
            ))}
          </Table>
        )}
      </Loaded>
    </Page>
  );
}

function Row({ queue, mayWrite }: { queue: QueueStatus; mayWrite: boolean }) {
  const { name, paused, paused_at, paused_by, backlog, waiting, running, oldest_seconds, throughput_per_minute } =
    queue;
  return (
    <tr>
      <td class="col-name">
        <a href={to('/tasks', { queue: name })}>{name}</a>{' '}
        {paused && (
          <>
            <span class="tag tag-warn">paused</span>{' '}
            <span class="quiet">
              <Time at={paused_at} />
              {paused_by !== null && <> by the API key {paused_by}</>}
            </span>
          </>
        )}
      </td>
      <td class="number">{waiting === MAX_COUNTED ? `${count(waiting)}+` : count(waiting)}</td>
      <td class="number">{count(running)}</td>
      <td class="number minor">{count(Math.round(throughput_per_minute * 10) / 10)}</td>
      <td class="number minor">{oldest_seconds === null ? '–' : duration(oldest_seconds * 1000)}</td>
      <td class="number minor quiet">{backlog === null ? '–' : count(backlog)}</td>
      {mayWrite && (
        <td class="row-actions">
          {paused ? (
            <Action
              icon="playground"
              label="Resume"
              about={name}
              done={`The queue ${name} is resumed. Waiting tasks start again.`}
              act={() => api.changeQueue('resume', name)}
            />
          ) : (
            <Action
              icon="pause"
              label="Pause"
              about={name}
              done={`The queue ${name} is paused.`}
              act={() => api.changeQueue('pause', name)}
            />
          )}
        </td>
      )}
    </tr>
  );
}
