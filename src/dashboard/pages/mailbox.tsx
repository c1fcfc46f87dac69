// The page of the local mailbox: the list of mails, and one mail in a frame without scripts.
import { api, type Mail } from '../api.ts';
import { bytes } from '../format.ts';
import { useLive } from '../live.ts';
import { Command, curl } from '../parts/copy.tsx';
import { Loaded, Page } from '../parts/page.tsx';
import { Pager } from '../parts/pager.tsx';
import { Empty, Problem, Skeleton } from '../parts/states.tsx';
import { Still } from '../parts/still.tsx';
import { Time } from '../parts/time.tsx';
import { to, usePlace } from '../router.ts';

const PAGE_SIZE = 30;

export function Mailbox({ id }: { id?: string }) {
  const { query } = usePlace();
  const cursor = query.get('cursor');
  const live = useLive((signal) => api.mails({ limit: PAGE_SIZE, ...(cursor && { cursor }) }, signal), [cursor]);
  return (
    <Page title="Mailbox" about="Mails that were stored here instead of being sent.">
      <Loaded live={live}>
        {(page) =>
          page.items.length === 0 && !id ? (
            <Empty icon="mailbox" title="No mail yet">
              <p>Register a user. A task then sends the welcome mail:</p>
              <Command
                text={curl('POST', '/users/register', { email: 'ada@example.com', password: 'correct horse battery' })}
              />
            </Empty>
          ) : (
            <div class={id ? 'mailbox mailbox-open' : 'mailbox'}>
              <div class="mails">
                <Still page={page} idOf={(mail: Mail) => mail.id}>
                  {({ items, next_cursor }) => (
                    <>
                      <ul class="mail-list" aria-label="Mails">
                        {items.map((mail) => (
                          <li key={mail.id}>
                            <a
                              href={to(`/mailbox/${mail.id}`, { cursor: cursor ?? undefined })}
                              aria-current={mail.id === id ? 'true' : undefined}
                            >
                              <strong>{mail.subject || '(no subject)'}</strong>
                              <span class="quiet">
                                <span class="clip">{mail.to}</span> <Time at={mail.received_at} />
                              </span>
                            </a>
                          </li>
                        ))}
                      </ul>
                      <Pager next={next_cursor} shown={items.length} noun="mail" />
                    </>
                  )}
                </Still>
              </div>
              {id ? <OneMail key={id} id={id} /> : <p class="mail-none quiet">Choose a mail to read it.</p>}
            </div>
          )
        }
      </Loaded>
    </Page>
  );
}

function OneMail({ id }: { id: string }) {
  const { data: mail, error } = useLive((signal) => api.mail(id, signal), [id], { off: true });
  if (!mail) return error ? <Problem error={error} /> : <Skeleton rows={4} />;
  return (
    <article class="card mail" aria-label={mail.subject}>
      <a class="crumb only-narrow" href={to('/mailbox')}>
        Mailbox
      </a>
      <h2>{mail.subject || '(no subject)'}</h2>
      <dl class="facts">
        <dt>From</dt>
        <dd>{mail.from}</dd>
        <dt>To</dt>
        <dd>{mail.to}</dd>
        <Addresses title="Cc" list={mail.cc} />
        <Addresses title="Bcc" list={mail.bcc} />
        <Addresses title="Reply to" list={mail.reply_to === null ? [] : [mail.reply_to]} />
        <dt>Received</dt>
        <dd>
          <Time at={mail.received_at} />
        </dd>
        {mail.attachments.length > 0 && (
          <>
            <dt>Attachments</dt>
            <dd>
              <ul>
                {mail.attachments.map(({ filename, content_type, bytes: size }, index) => (
                  <li key={`${index} ${filename}`}>
                    {filename}{' '}
                    <span class="quiet">
                      {content_type}, {bytes(size)}
                    </span>
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
      </dl>
      <MailBody mail={mail} />
    </article>
  );
}

function Addresses({ title, list }: { title: string; list: string[] }) {
  if (list.length === 0) return null;
  return (
    <>
      <dt>{title}</dt>
      <dd>{list.join(', ')}</dd>
    </>
  );
}

/** Shows HTML in a sandboxed frame: no scripts, no forms, and no links that replace the dashboard. */
function MailBody({ mail }: { mail: Mail }) {
  return (
    <>
      {mail.html !== null && <iframe class="mail-frame" title="Content of the mail" sandbox="" srcdoc={mail.html} />}
      {mail.text !== null &&
        (mail.html === null ? (
          <pre class="mail-text">{mail.text}</pre>
        ) : (
          <details>
            <summary>Plain text</summary>
            <pre class="mail-text">{mail.text}</pre>
          </details>
        ))}
    </>
  );
}
