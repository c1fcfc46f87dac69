// The page of schedules, and the button that creates one.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { useLive } from '../live.ts';
import { Command, curl } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { IN_ORDER, Pager } from '../parts/pager.tsx';
import { ScheduleCard } from '../parts/schedule-card.tsx';
import { ScheduleDialog } from '../parts/schedule-dialog.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { usePlace } from '../router.ts';
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
                      <ScheduleCard key={schedule.name} schedule={schedule} mayWrite={mayWrite} />
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
