// The page of API keys: create one, see when each was last used, revoke one.
import { useState } from 'preact/hooks';
import { type ApiKey, api } from '../api.ts';
import { now } from '../clock.ts';
import { useLive } from '../live.ts';
import { Action } from '../parts/action.tsx';
import { ApiKeyDialog } from '../parts/api-key-dialog.tsx';
import { Command } from '../parts/copy.tsx';
import { Icon } from '../parts/icon.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { Table } from '../parts/table.tsx';
import { Time } from '../parts/time.tsx';
import { usePlace } from '../router.ts';
import { useSession } from '../session.ts';

const PAGE_SIZE = 50;

export function ApiKeys() {
  const cursor = usePlace().query.get('cursor');
  const live = useLive((signal) => api.apiKeys({ limit: PAGE_SIZE, ...(cursor && { cursor }) }, signal), [cursor], {
    atMostEvery: 10,
  });
  const [creating, setCreating] = useState(false);
  return (
    <Page
      title="API keys"
      about="Callers of the HTTP API present an API key."
      actions={
        <button type="button" class="button button-main" onClick={() => setCreating(true)}>
          <Icon name="plus" />
          New API key
        </button>
      }
    >
      <Loaded live={live} rows={5}>
        {(page) => (
          <Still page={page} idOf={({ prefix }) => prefix}>
            {({ items, next_cursor }) =>
              items.length === 0 ? (
                <Empty icon="keys" title="No API keys yet">
                  <p>Create one here, or in a shell:</p>
                  <Command text="npm run key -- --scope tasks:read" />
                </Empty>
              ) : (
                <>
                  <Table
                    label="API keys"
                    head={
                      <>
                        <th scope="col">Label</th>
                        <th scope="col">API key</th>
                        <th scope="col">Scopes</th>
                        <th scope="col">State</th>
                        <th scope="col" class="minor">
                          Last used
                        </th>
                        <th scope="col" class="minor">
                          Created
                        </th>
                        <th scope="col">
                          <span class="hidden">Actions</span>
                        </th>
                      </>
                    }
                  >
                    {items.map((apiKey) => (
                      <Row key={apiKey.prefix} apiKey={apiKey} />
                    ))}
                  </Table>
                  <Pager next={next_cursor} shown={items.length} noun="API key" />
                </>
              )
            }
          </Still>
        )}
      </Loaded>
      {creating && <ApiKeyDialog onClose={() => setCreating(false)} />}
    </Page>
  );
}

function Row({ apiKey }: { apiKey: ApiKey }) {
  const own = useSession()?.prefix === apiKey.prefix;
  const ended = apiKey.revoked_at !== null || (apiKey.expires_at !== null && Date.parse(apiKey.expires_at) <= now());
  return (
    <tr class={ended ? 'over' : ''}>
      <td class="col-name">
        {apiKey.name || <span class="quiet">no label</span>} {own && <span class="tag">yours</span>}
      </td>
      <td>
        <code>{apiKey.prefix}…</code>
      </td>
      <td>
        {apiKey.scopes.map((scope) => (
          <span class="tag" key={scope}>
            {scope}
          </span>
        ))}
      </td>
      <td>
        {apiKey.revoked_at ? (
          <span class="bad">
            revoked <Time at={apiKey.revoked_at} />
          </span>
        ) : apiKey.expires_at ? (
          <span class={ended ? 'bad' : ''}>
            {ended ? 'expired' : 'expires'} <Time at={apiKey.expires_at} />
          </span>
        ) : (
          <span class="good">valid</span>
        )}
      </td>
      <td class="minor">
        {apiKey.last_used_at ? <Time at={apiKey.last_used_at} /> : <span class="quiet">never</span>}
      </td>
      <td class="minor">
        <Time at={apiKey.created_at} />
      </td>
      <td class="row-actions">
        {!ended && (
          <Action
            icon="revoke"
            label="Revoke"
            about={apiKey.name || apiKey.prefix}
            done="The API key is revoked."
            danger
            act={() => api.revokeApiKey(apiKey.prefix)}
            confirm={{
              title: 'Revoke this API key?',
              action: 'Revoke API key',
              consequences: (
                <p>
                  Within 30 seconds, the API refuses requests with the API key{' '}
                  <strong>{apiKey.name || apiKey.prefix}</strong>, and its sessions end.
                  {own && ' You are signed in with this API key, so you will be signed out.'}
                </p>
              ),
            }}
          />
        )}
      </td>
    </tr>
  );
}
