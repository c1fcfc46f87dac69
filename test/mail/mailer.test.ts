// A mail is sent once: every point at which a run can end, and what the next one does.
import { env } from 'cloudflare:workers';
import { describe, expect, it, vi } from 'vitest';
import { MailError } from '../../src/mail/mail-error.ts';
import type { MailProvider } from '../../src/mail/provider.ts';
import { closed, failingDb, HOUR, limited, refused, START, type Step, scripted, setUp, unclear } from './scripted.ts';

describe('a run that ends', () => {
  it('before anybody is asked leaves nothing, and the next one sends', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    await expect(send({ db: failingDb(/INSERT INTO sent_mails/) })).rejects.toThrow('D1_ERROR');
    expect([await row(), provider.asked]).toEqual([null, []]);
    await send();

    expect(provider.taken).toHaveLength(1);
  });

  it('while somebody is asked leaves an open attempt', async () => {
    const provider = scripted('post', ['hang']);
    const { sendAndDie, row } = setUp([provider]);
    await sendAndDie(provider);

    expect(await row()).toMatchObject({ provider: 'post', message_id: null, attempted_at: START, sent_at: null });
  });

  it('after the record is not repeated, whatever the setting says', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider]);
    const first = await send();

    expect(await send({ onUnclear: 'hold' })).toEqual(first);
    expect(await send({ onUnclear: 'resend' })).toEqual(first);
    expect(provider.asked).toHaveLength(1);
    expect(await row()).toMatchObject({ message_id: first.message_id, sent_at: START });
  });

  it('at the record tries that once more, so that the mail is not in doubt', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    await send({ db: failingDb(/INSERT INTO sent_mails \(idempotency_key, provider, message_id/, 1) });

    expect(await row()).toMatchObject({ sent_at: START });
    expect(provider.taken).toHaveLength(1);
  });

  it('at the record, twice in vain, leaves the mail in doubt', async () => {
    const provider = scripted('post');
    const { send } = setUp([provider], { onUnclear: 'hold' });

    const db = failingDb(/INSERT INTO sent_mails \(idempotency_key, provider, message_id/);
    await expect(send({ db })).rejects.toThrow('D1_ERROR');

    await expect(send()).rejects.toMatchObject({ permanent: true, code: 'unclear' });
    expect(provider.taken).toHaveLength(1);
  });

  it('with a refusal that D1 does not take leaves the mail in doubt, and still tells the refusal', async () => {
    const provider = scripted('post', [limited]);
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    const sending = send({ db: failingDb(/DELETE FROM sent_mails/) });

    await expect(sending).rejects.toMatchObject({ retryAfterSeconds: 7 });
    expect(await row()).toMatchObject({ message_id: null });
  });
});

describe.each([
  ['a crash after the mail was taken', 'die after taking' as Step],
  ['a crash before the mail was taken', 'hang' as Step],
])('after %s', (_, step) => {
  it('a provider without keys is asked again, if the setting is resend', async () => {
    const provider = scripted('post', [step]);
    const { sendAndDie, send, row } = setUp([provider]);
    await sendAndDie(provider);

    await send();

    expect(provider.asked).toHaveLength(2);
    expect(await row()).toMatchObject({ provider: 'post', sent_at: START });
  });

  it('a provider without keys is not asked again, if the setting is hold', async () => {
    const provider = scripted('post', [step]);
    const { sendAndDie, send } = setUp([provider], { onUnclear: 'hold' });
    await sendAndDie(provider);

    for (let run = 0; run < 3; run++) {
      const sending = send();
      await expect(sending).rejects.toMatchObject({ permanent: true, unclear: true, code: 'unclear' });
      await expect(sending).rejects.toThrow(/may have been sent: post was asked at 20\d\d-/);
    }
    expect(provider.asked).toHaveLength(1);
  });

  it.each(['resend', 'hold'] as const)(
    'one with keys is asked again while it remembers, if the setting is %s',
    async (onUnclear) => {
      const provider = scripted('keyed', [step], 86_400);
      const { sendAndDie, send, advance } = setUp([provider], { onUnclear });
      await sendAndDie(provider);
      advance(23 * HOUR);

      await send();

      expect(provider.taken).toHaveLength(1);
    },
  );

  it('one with keys is not asked again after it has forgotten, if the setting is hold', async () => {
    const provider = scripted('keyed', [step], 86_400);
    const { sendAndDie, send, advance } = setUp([provider], { onUnclear: 'hold' });
    await sendAndDie(provider);
    advance(24 * HOUR);

    await expect(send()).rejects.toMatchObject({ permanent: true, code: 'unclear' });
    expect(provider.asked).toHaveLength(1);
  });

  it('no other provider is asked, if the setting is hold', async () => {
    const [first, second] = [scripted('first', [step]), scripted('second')];
    const { sendAndDie, send } = setUp([first, second], { onUnclear: 'hold' });
    await sendAndDie(first);

    await expect(send()).rejects.toMatchObject({ code: 'unclear' });
    await expect(send({ providers: [second] })).rejects.toMatchObject({ code: 'unclear' });
    expect(second.asked).toEqual([]);
  });
});

describe('an answer', () => {
  it.each([
    ['a refusal', refused],
    ['a request for patience', limited],
    ['a closed door', closed],
  ])('that is %s clears the attempt', async (_, step) => {
    const provider = scripted('post', [step]);
    const { send, row } = setUp([provider], { onUnclear: 'hold' });

    await expect(send()).rejects.toBeInstanceOf(MailError);
    expect(await row()).toBeNull();
    await send();

    expect(provider.taken).toHaveLength(1);
  });

  it('clears only the attempt it answers: an older one stays in doubt, from when it was made', async () => {
    const provider = scripted('keyed', [unclear, limited], 86_400);
    const { send, row, advance } = setUp([provider], { onUnclear: 'hold' });
    await expect(send()).rejects.toMatchObject({ unclear: true });
    advance(23 * HOUR);
    await expect(send()).rejects.toMatchObject({ retryAfterSeconds: 7 });
    advance(2 * HOUR);

    expect(await row()).toMatchObject({ attempted_at: START });
    await expect(send()).rejects.toMatchObject({ code: 'unclear' });
  });

  it('that comes after somebody else has sent the mail takes nothing back', async () => {
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
  it('ask once, if the setting is hold', async () => {
    const provider = scripted('post');
    const { send } = setUp([provider], { onUnclear: 'hold' });

    await Promise.allSettled([send(), send(), send()]);

    expect(provider.taken).toHaveLength(1);
  });

  it('agree on one record', async () => {
    const provider = scripted('post');
    const { send, row } = setUp([provider]);

    const ends = await Promise.allSettled([send(), send(), send()]);

    expect(ends.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect((await row())?.message_id).toBe(provider.taken.map((key) => `post-${key}`)[0]);
  });
});

describe('the cost', () => {
  it('of a mail is three calls of D1 and two rows written', async () => {
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
