// The page with the list of workflows, newest first.
import { api } from '../api.ts';
import { count, shortId } from '../format.ts';
import { useLive } from '../live.ts';
import { Command, curl } from '../parts/copy.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Progress } from '../parts/progress.tsx';
import { StateBadge } from '../parts/state-badge.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { Table } from '../parts/table.tsx';
import { TextFilter } from '../parts/text-filter.tsx';
import { Time } from '../parts/time.tsx';
import { WorkflowTags } from '../parts/workflow-tags.tsx';
import { to, usePlace } from '../router.ts';

const PAGE_SIZE = 50;

export function Workflows() {
  const { query } = usePlace();
  const wanted = Object.fromEntries(['cursor', 'name', 'tag'].map((name) => [name, query.get(name) || undefined]));
  const isFiltered = wanted.name !== undefined || wanted.tag !== undefined;
  const live = useLive((signal) => api.workflows({ limit: PAGE_SIZE, ...given(wanted) }, signal), [query.toString()], {
    concerns: ({ workflow_id }) => workflow_id !== undefined,
  });
  return (
    <Page title="Workflows" about="Tasks that depend on each other: chains, groups, chords and graphs.">
      <div class="filters">
        <TextFilter name="name" label="Name" maxLength={100} />
        <TextFilter name="tag" label="Tag" maxLength={64} />
      </div>
      <Loaded live={live}>
        {(page) => (
          <Still page={page} idOf={({ workflow_id }) => workflow_id}>
            {({ items, next_cursor }) =>
              items.length === 0 ? (
                isFiltered ? (
                  <Empty icon="workflows" title="No workflow matches" />
                ) : (
                  <NoWorkflows />
                )
              ) : (
                <>
                  <Table
                    label="Workflows"
                    head={
                      <>
                        <th scope="col" class="col-state">
                          Status
                        </th>
                        <th scope="col">Workflow</th>
                        <th scope="col" class="minor">
                          Progress
                        </th>
                        <th scope="col" class="number">
                          Tasks
                        </th>
                        <th scope="col">Created</th>
                      </>
                    }
                  >
                    {items.map(({ workflow_id, name, tags, status, progress: { done, total }, created_at }) => (
                      <tr key={workflow_id} data-state={status}>
                        <td class="col-state">
                          <StateBadge state={status} />
                        </td>
                        <td class="col-name">
                          <a href={to(`/workflows/${workflow_id}`)} title={workflow_id}>
                            {name ?? <code>…{shortId(workflow_id)}</code>}
                          </a>{' '}
                          <WorkflowTags tags={tags} />
                        </td>
                        <td class="minor">
                          <Progress
                            percent={(100 * done) / Math.max(1, total)}
                            label={`${done} of ${total} tasks ended`}
                          />
                        </td>
                        <td class="number">
                          {count(done)} / {count(total)}
                        </td>
                        <td>
                          <Time at={created_at} />
                        </td>
                      </tr>
                    ))}
                  </Table>
                  <Pager next={next_cursor} shown={items.length} noun="workflow" />
                </>
              )
            }
          </Still>
        )}
      </Loaded>
    </Page>
  );
}

/** The fields that have a value. */
function given(fields: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined),
  );
}

function NoWorkflows() {
  return (
    <Empty icon="workflows" title="No workflows yet">
      <p>Start a chain of three tasks that process a JSON object:</p>
      <Command text={curl('POST', '/process', { name: ' Ada ', year: 1843 })} />
      <p>
        For other workflows, use <code>POST /workflows</code>, or <code>chain</code>, <code>group</code>,{' '}
        <code>chord</code> and <code>dag</code> in code.
      </p>
    </Empty>
  );
}
