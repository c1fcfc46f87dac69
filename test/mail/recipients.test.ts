// Who gets a mail: each address once, without suppressed addresses.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMailer, liftSuppression, type Mail } from '../../src/mail/index.ts';
import { recipientsOf, withoutSuppressed } from '../../src/mail/recipients.ts';
import { type SuppressionRow, suppress } from '../../src/mail/store.ts';
import { type Contract, PROVIDERS } from './contract.ts';
import type { FakeProvider } from './fakes/fake.ts';
import { fakeResend } from './fakes/resend.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

let fake: FakeProvider;
let name = 0;
beforeEach(() => {
  fake = fakeResend();
});
afterEach(() => vi.restoreAllMocks());

/** A fresh address, as a provider may write it. */
const anAddress = () => `User${++name}@Example.com`;
const aSuppression = (address: string, about: Partial<SuppressionRow> = {}): SuppressionRow => ({
  address: address.toLowerCase(),
  reason: 'bounce',
  detail: 'General: no such user',
  provider: 'resend',
  createdAt: NOW,
  ...about,
});
const send = (mail: Partial<Mail> & Pick<Mail, 'to'>, idempotencyKey: string = crypto.randomUUID()) =>
  createMailer(env.DB, (PROVIDERS.resend as Contract).settings, () => NOW).send(
    { subject: 'Hi', text: 'Hello', ...mail },
    { idempotencyKey, signal: new AbortController().signal },
  );

describe('the recipients of a mail', () => {
  it('are each address once, where it is named first', () => {
    const mail = { to: ['a@x.de', 'A@X.de'], cc: 'b@x.de', bcc: ['a@x.de', 'c@x.de'], subject: '', text: '' };

    expect(recipientsOf(mail)).toEqual({ to: ['a@x.de'], cc: ['b@x.de'], bcc: ['c@x.de'] });
  });

  it('without the suppressed ones are listed apart from those', () => {
    const recipients = { to: ['a@x.de', 'B@x.de'], cc: ['c@x.de'], bcc: [] };

    expect(
      withoutSuppressed(
        recipients,
        new Map([
          ['b@x.de', 'bounce'],
          ['c@x.de', 'unsubscribe'],
        ]),
      ),
    ).toEqual({
      recipients: { to: ['a@x.de'], cc: [], bcc: [] },
      leftOut: ['B@x.de', 'c@x.de'],
    });
  });
});

describe('a suppressed address', () => {
  it('gets no mail in upper or lower case, and the provider is not asked', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));

    for (const to of [address, address.toUpperCase().replace('EXAMPLE.COM', 'example.com'), address.toLowerCase()]) {
      await expect(send({ to })).rejects.toMatchObject({ permanent: true, code: 'suppressed', fault: false });
    }
    expect(fake.requests).toEqual([]);
  });

  it('is left out among other recipients, and the result lists it, also when the mail is asked for again', async () => {
    const [gone, copied] = [anAddress(), anAddress()];
    await suppress(env.DB, aSuppression(gone));
    await suppress(env.DB, aSuppression(copied));
    const idempotencyKey = crypto.randomUUID();
    const mail = { to: [gone, 'ada@example.com'], cc: copied, bcc: 'bob@example.com' };

    const sent = await send(mail, idempotencyKey);

    expect(sent.suppressed).toEqual([gone, copied].map((address) => address.replace('Example', 'example')));
    expect(fake.accepted).toMatchObject([{ to: ['ada@example.com'], cc: [], bcc: ['bob@example.com'] }]);
    expect(await send(mail, idempotencyKey)).toEqual(sent);
  });

  it('stops the copies too when no other recipient is in `to`', async () => {
    const gone = anAddress();
    await suppress(env.DB, aSuppression(gone));

    await expect(send({ to: gone, cc: 'ada@example.com' })).rejects.toMatchObject({ code: 'suppressed' });
    expect(fake.requests).toEqual([]);
  });

  it('that was suppressed after the mail was sent does not change the result of that mail', async () => {
    const address = anAddress();
    const key = crypto.randomUUID();
    const sent = await send({ to: address }, key);
    await suppress(env.DB, aSuppression(address));

    expect(await send({ to: address }, key)).toEqual(sent);
  });

  it('gets mail again when its suppression is lifted', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));

    expect(await liftSuppression(env.DB, { address: address.toLowerCase(), liftedAt: NOW })).toBe(true);
    await send({ to: address });

    expect(fake.accepted).toHaveLength(1);
    expect(await liftSuppression(env.DB, { address: address.toLowerCase(), liftedAt: NOW })).toBe(false);
  });
});
