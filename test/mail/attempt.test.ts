// One attempt to send a mail: what is recorded at every point at which a run can end.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { MailError } from '../../src/mail/mail-error.ts';
import type { MailProvider } from '../../src/mail/provider.ts';
import { closed, failingDb, HOUR, limited, refused, START, scripted, setUp, unclear } from './scripted.ts';

describe('a run that ends', () => {
  it('before a provider is asked leaves no record, and the next run sends the mail', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    await expect(send({ db: failingDb(/INSERT INTO sent_mails/) })).rejects.toThrow('D1_ERROR');
    expect([await row(), provider.asked]).toEqual([null, []]);
    await send();

    expect(provider.taken).toHaveLength(1);
  });

  it('while a provider is asked leaves an open attempt', async () => {
    const provider = scripted('post', ['hang']);
    const { sendAndDie, row } = setUp([provider]);
    await sendAndDie(provider);

    expect(await row()).toMatchObject({ provider: 'post', message_id: null, attempted_at: START, sent_at: null });
  });

  it('after the mail was recorded as sent is not repeated, with either setting', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider]);
    const first = await send();

    expect(await send({ onUnclear: 'hold' })).toEqual(first);
    expect(await send({ onUnclear: 'resend' })).toEqual(first);
    expect(provider.asked).toHaveLength(1);
    expect(await row()).toMatchObject({ message_id: first.message_id, sent_at: START });
  });

  it('when the record fails once writes it again, so that the mail is known to be sent', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    await send({ db: failingDb(/INSERT INTO sent_mails \(idempotency_key, provider, message_id/, 1) });

    expect(await row()).toMatchObject({ sent_at: START });
    expect(provider.taken).toHaveLength(1);
  });

  it('when the record fails twice leaves it unknown whether the mail was sent', async () => {
    const provider = scripted('post');
    const { send } = setUp([provider], { onUnclear: 'hold' });

    const db = failingDb(/INSERT INTO sent_mails \(idempotency_key, provider, message_id/);
    await expect(send({ db })).rejects.toThrow('D1_ERROR');

    await expect(send()).rejects.toMatchObject({ permanent: true, code: 'unclear' });
    expect(provider.taken).toHaveLength(1);
  });

  it('with a refusal that D1 does not record reports the refusal and leaves the attempt open', async () => {
    const provider = scripted('post', [limited]);
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    const sending = send({ db: failingDb(/DELETE FROM sent_mails/) });

    await expect(sending).rejects.toMatchObject({ retryAfterSeconds: 7 });
    expect(await row()).toMatchObject({ message_id: null });
  });
});

describe('an answer', () => {
  it.each([
    ['a refusal', refused],
    ['a rate limit', limited],
    ['an unavailable provider', closed],
  ])('that is %s deletes the attempt', async (_, step) => {
    const provider = scripted('post', [step]);
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    await expect(send()).rejects.toBeInstanceOf(MailError);
    expect(await row()).toBeNull();
    await send();

    expect(provider.taken).toHaveLength(1);
  });

  it('deletes only its own attempt: an older attempt stays open, with its own time', async () => {
    const provider = scripted('keyed', [unclear, limited], 86_400);
    const { send, row, advance } = setUp([provider], { onUnclear: 'hold' });
    await expect(send()).rejects.toMatchObject({ unclear: true });
    advance(23 * HOUR);
    await expect(send()).rejects.toMatchObject({ retryAfterSeconds: 7 });
    advance(2 * HOUR);

    expect(await row()).toMatchObject({ attempted_at: START });
    await expect(send()).rejects.toMatchObject({ code: 'unclear' });
  });

  it('that comes after another run has sent the mail deletes nothing', async () => {
    let answer = () => {};
    const slow: MailProvider = {
      name: 'slow',
      remembersSeconds: 0,
      send: () => new Promise((_, reject) => (answer = () => reject(refused()))),
    };
    const { send, row, advance } = setUp([slow]);
    const zombie = send();
    await vi.waitFor(async () => expect(await row()).not.toBeNull());
    advance(1000);
    await send({ providers: [scripted('post')] });

    answer();

    await expect(zombie).rejects.toMatchObject({ permanent: true });
    expect(await row()).toMatchObject({ provider: 'post', message_id: expect.stringContaining('post-') });
  });
});

describe('two runs at once', () => {
  it('ask the provider once, if the setting is hold', async () => {
    const provider = scripted('post');
    const { send } = setUp([provider], { onUnclear: 'hold' });

    await Promise.allSettled([send(), send(), send()]);

    expect(provider.taken).toHaveLength(1);
  });

  it('leave one record', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider]);

    const ends = await Promise.allSettled([send(), send(), send()]);

    expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect((await row())?.message_id).toBe(provider.taken.map((key) => `post-${key}`)[0]);
  });
});

describe('the cost', () => {
  it('of a mail is three calls to D1 and two written rows', async () => {
    const statements: string[] = [];
    let written = 0;
    const spied = (statement: D1PreparedStatement): D1PreparedStatement =>
      new Proxy(statement, {
        get(target, property) {
          const value = Reflect.get(target, property) as unknown;
          if (property === 'bind') return (...values: unknown[]) => spied(target.bind(...values));
          if (property === 'first' || property === 'run') {
            return async () => {
              const { results, meta } = await target.run();
              statements.push(String(property));
              written += meta.rows_written;
              return property === 'run' ? { results, meta } : (results[0] ?? null);
            };
          }
          return typeof value === 'function' ? value.bind(target) : value;
        },
      });
    const db = new Proxy(env.DB, {
      get(target, property) {
        if (property === 'prepare')
          return (sql: string) => (/^SELECT/.test(sql) ? target.prepare(sql) : spied(target.prepare(sql)));
        if (property === 'batch') {
          return (batch: D1PreparedStatement[]) => {
            statements.push('batch');
            return target.batch(batch);
          };
        }
        const value = Reflect.get(target, property) as unknown;
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
    const { send } = setUp([scripted('post')], { db });

    await send();

    expect(statements).toEqual(['batch', 'first', 'run']);
    expect(written).toBe(2);
  });
});
