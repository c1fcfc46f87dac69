// The page of what waits for the decision of a person, the oldest first.
import { useState } from 'preact/hooks';
import { type Approval, api } from '../api.ts';
import { useLive } from '../live.ts';
import { DecisionForm, DecisionText, RequestDetails } from '../parts/decision.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { IN_ORDER, Pager } from '../parts/pager.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { Time } from '../parts/time.tsx';
import { to, usePlace } from '../router.ts';
import { useMay } from '../session.ts';
import { type Decision, labelOf } from '../step-words.ts';

const PAGE_SIZE = 30;

export function Approvals() {
  const cursor = usePlace().query.get('cursor');
  return (
    <Page title="Approvals" about="Tasks that wait for the decision of a person, the oldest first.">
      <ApprovalList key={cursor} cursor={cursor} />
    </Page>
  );
}

/** Approvals that were decided here stay in the list, with the decision, until the reader leaves the page. */
function ApprovalList({ cursor }: { cursor: string | null }) {
  const [decided, setDecided] = useState<ReadonlyMap<string, { approval: Approval; decision: Decision }>>(new Map());
  const live = useLive((signal) => api.approvals({ limit: PAGE_SIZE, ...(cursor && { cursor }) }, signal), [cursor]);
  return (
    <Loaded live={live} rows={4}>
      {(page) => (
        <Still page={{ ...page, items: withDecided(page.items, [...decided.values()]) }} idOf={idOf}>
          {({ items, next_cursor }) =>
            items.length === 0 ? (
              <Empty icon="approvals" title="Nothing waits for a decision">
                <p>A task asks with the step “approval” and goes on when a person has decided.</p>
              </Empty>
            ) : (
              <>
                <ul class="approvals">
                  {items.map((approval) => (
                    <One
                      key={idOf(approval)}
                      approval={approval}
                      decision={decided.get(idOf(approval))?.decision}
                      onDecided={(decision) =>
                        setDecided((before) => new Map(before).set(idOf(approval), { approval, decision }))
                      }
                    />
                  ))}
                </ul>
                <Pager next={next_cursor} shown={items.length} noun="approval" labels={IN_ORDER} />
              </>
            )
          }
        </Still>
      )}
    </Loaded>
  );
}

function idOf({ task_id, step }: Approval): string {
  return `${task_id} ${step.occurrence} ${step.name}`;
}

function withDecided(open: readonly Approval[], decided: readonly { approval: Approval }[]): Approval[] {
  const ids = new Set(open.map(idOf));
  const others = decided.map(({ approval }) => approval).filter((approval) => !ids.has(idOf(approval)));
  return [...open, ...others].sort((one, other) => Date.parse(one.since) - Date.parse(other.since));
}

function One(props: { approval: Approval; decision: Decision | undefined; onDecided(decision: Decision): void }) {
  const { title, details, task_id, task, step, since, until } = props.approval;
  const mayWrite = useMay('tasks:write');
  return (
    <li class="card approval">
      <h2>{title}</h2>
      <p class="quiet">
        <a href={to(`/tasks/${task_id}`)}>{task}</a>, step {labelOf(step)}, asked <Time at={since} />
        {!props.decision && (
          <>
            , times out <Time at={until} />
          </>
        )}
      </p>
      <RequestDetails details={details} />
      {props.decision ? (
        <p class="decided" role="status">
          <DecisionText {...props.decision} />
        </p>
      ) : (
        mayWrite && <DecisionForm taskId={task_id} step={step} title={title} onDecided={props.onDecided} />
      )}
    </li>
  );
}
