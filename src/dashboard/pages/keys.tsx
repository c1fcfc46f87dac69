// The API keys: make one, see who uses which, revoke one.
import { useState } from 'preact/hooks';
import { api, type Key } from '../api.ts';
import { now } from '../clock.ts';
import { useLive } from '../live.ts';
import { Action } from '../parts/action.tsx';
import { Command } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { KeyDialog } from '../parts/key-dialog.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { useSession } from '../session.ts';

export function Keys() {
  const live = useLive((signal) => api.keys(signal), [], { atMostEvery: 10 });
  const [making, setMaking] = useState(false);
  return (
    <Page
      title="Keys"
      about="Who may call the API, and what with."
      actions={
        <button type="button" class="button button-main" onClick={() => setMaking(true)}>
          <Icon name="plus" />
          New key
        </button>
      }
    >
      <Loaded live={live} rows={5}>
        {({ items }) =>
          items.length === 0 ? (
            <Empty icon="keys" title="No keys yet">
              <p>Make one here, or in a shell:</p>
              <Command text="npm run key -- --scope tasks:read" />
            </Empty>
          ) : (
            <Table
              label="Keys"
              head={
                <>
                  <th scope="col">Name</th>
                  <th scope="col">Key</th>
                  <th scope="col">Scopes</th>
                  <th scope="col">State</th>
                  <th scope="col" class="minor">
                    Last used
                  </th>
                  <th scope="col" class="minor">
                    Made
                  </th>
                  <th scope="col">
                    <span class="hidden">Actions</span>
                  </th>
                </>
              }
            >
              {items.map((key) => (
                <Row key={key.prefix} row={key} />
              ))}
            </Table>
          )
        }
      </Loaded>
      {making && <KeyDialog onClose={() => setMaking(false)} />}
    </Page>
  );
}

function Row({ row }: { row: Key }) {
  const own = useSession()?.prefix === row.prefix;
  const over = row.revoked_at !== null || (row.expires_at !== null && Date.parse(row.expires_at) <= now());
  return (
    <tr class={over ? 'over' : ''}>
      <td class="col-name">
        {row.name || <span class="quiet">no name</span>} {own && <span class="tag">yours</span>}
      </td>
      <td>
        <code>{row.prefix}…</code>
      </td>
      <td>
        {row.scopes.map((scope) => (
          <span class="tag" key={scope}>
            {scope}
          </span>
        ))}
      </td>
      <td>
        {row.revoked_at ? (
          <span class="bad">
            revoked <Time at={row.revoked_at} />
          </span>
        ) : row.expires_at ? (
          <span class={over ? 'bad' : ''}>
            {over ? 'expired' : 'expires'} <Time at={row.expires_at} />
          </span>
        ) : (
          <span class="good">good</span>
        )}
      </td>
      <td class="minor">{row.last_used_at ? <Time at={row.last_used_at} /> : <span class="quiet">never</span>}</td>
      <td class="minor">
        <Time at={row.created_at} />
      </td>
      <td class="row-actions">
        {!over && (
          <Action
            icon="revoke"
            label="Revoke"
            about={row.name || row.prefix}
            done="The key is revoked."
            danger
            act={() => api.revokeKey(row.prefix)}
            confirm={
              <p>
                Whoever uses <strong>{row.name || row.prefix}</strong> is refused within half a minute, and its sessions
                end.
                {own && ' You are signed in with this very key: you will be signed out.'}
              </p>
            }
          />
        )}
      </td>
    </tr>
  );
}
