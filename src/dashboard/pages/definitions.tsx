// The definitions: what can be enqueued.
import { api } from '../api.ts';
import { duration } from '../format.ts';
import { useLive } from '../live.ts';
import { Loaded, Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { to } from '../router.ts';

export function Definitions() {
  const live = useLive((signal) => api.definitions(signal), [], { atMostEvery: 60 });
  return (
    <Page title="Definitions" about="What can be enqueued. Each is code: src/tasks/.">
      <Loaded live={live} what="Definitions are">
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="definitions" title="No definitions">
              <p>
                List some in <code>src/tasks/index.ts</code>.
              </p>
            </Empty>
          ) : (
            <Table
              label="Definitions"
              head={
                <>
                  <th scope="col">Name</th>
                  <th scope="col">Queue</th>
                  <th scope="col" class="number">
                    Retries
                  </th>
                  <th scope="col" class="number">
                    Timeout
                  </th>
                  <th scope="col" class="minor">
                    Unique
                  </th>
                  <th scope="col" class="minor">
                    Rate limit
                  </th>
                  <th scope="col" class="minor">
                    Input
                  </th>
                </>
              }
            >
              {items.map(({ name, queue, max_retries, timeout_seconds, unique, rate_limit, input_schema }) => (
                <tr key={name}>
                  <td class="col-name">
                    <a href={to(`/definitions/${encodeURIComponent(name)}`)}>{name}</a>
                  </td>
                  <td>{queue}</td>
                  <td class="number">{max_retries}</td>
                  <td class="number">{duration(timeout_seconds * 1000)}</td>
                  <td class="minor">
                    {unique ? `for ${duration(unique.for_seconds * 1000)}` : <span class="quiet">–</span>}
                  </td>
                  <td class="minor">{rate_limit ?? <span class="quiet">–</span>}</td>
                  <td class="minor quiet">
                    <span class="clip">
                      {Object.keys((input_schema.properties as object | undefined) ?? {}).join(', ')}
                    </span>
                  </td>
                </tr>
              ))}
            </Table>
          )
        }
      </Loaded>
    </Page>
  );
}
