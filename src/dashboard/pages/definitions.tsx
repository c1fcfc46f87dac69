// The page of all definitions.
import { api } from '../api.ts';
import { now } from '../clock.ts';
import { count, duration, percent } from '../format.ts';
import { useLive } from '../live.ts';
import { Loaded, Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { Table } from '../parts/table.tsx';
import { to } from '../router.ts';
import { sumByName } from '../sum-by-name.ts';

const DAY_MS = 86_400_000;

/** The definitions, each with its statistics of the last 24 hours over all queues. */
async function load(signal: AbortSignal) {
  const since = new Date(now() - DAY_MS).toISOString();
  const [{ items }, stats] = await Promise.all([api.definitions(signal), api.stats(since, signal)]);
  return { items: items.map((item) => ({ ...item, day: sumByName(stats.definitions, item.name) })) };
}

export function Definitions() {
  const live = useLive(load, [], { atMostEvery: 60 });
  return (
    <Page title="Definitions" about="The kinds of tasks that can be enqueued. They are defined in src/tasks/.">
      <Loaded live={live}>
        {(page) => (
          <Still page={page} idOf={({ name }) => name}>
            {({ items }) =>
              items.length === 0 ? (
                <Empty icon="definitions" title="No definitions yet">
                  <p>
                    Add definitions in <code>src/tasks/index.ts</code>.
                  </p>
                </Empty>
              ) : (
                <Table
                  label="Definitions"
                  head={
                    <>
                      <th scope="col">Name</th>
                      <th scope="col" class="minor">
                        Queue
                      </th>
                      <th scope="col" class="number minor">
                        Retries
                      </th>
                      <th scope="col" class="number minor">
                        Timeout
                      </th>
                      <th scope="col" class="minor">
                        Unique
                      </th>
                      <th scope="col" class="minor">
                        Rate limit
                      </th>
                      <th scope="col" class="number">
                        Ended in 24 h
                      </th>
                      <th scope="col" class="number">
                        Failure rate
                      </th>
                      <th scope="col" class="number minor">
                        Cost per 1,000
                      </th>
                    </>
                  }
                >
                  {items.map(({ name, queue, max_retries, timeout_seconds, unique, rate_limit, day }) => (
                    <tr key={name}>
                      <td class="col-name">
                        <a href={to(`/definitions/${encodeURIComponent(name)}`)}>{name}</a>
                      </td>
                      <td class="minor">{queue}</td>
                      <td class="number minor">{max_retries}</td>
                      <td class="number minor">{duration(timeout_seconds * 1000)}</td>
                      <td class="minor">
                        {unique ? `for ${duration(unique.for_seconds * 1000)}` : <span class="quiet">–</span>}
                      </td>
                      <td class="minor">{rate_limit ?? <span class="quiet">–</span>}</td>
                      <td class="number">{count(day.ended)}</td>
                      <td class="number">{day.failureRate === null ? '–' : percent(day.failureRate)}</td>
                      <td class="number minor">{day.costPer1000 === null ? '–' : `$${day.costPer1000.toFixed(4)}`}</td>
                    </tr>
                  ))}
                </Table>
              )
            }
          </Still>
        )}
      </Loaded>
    </Page>
  );
}
