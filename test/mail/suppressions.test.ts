// Addresses that get no mail, and what providers say of them.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createMailer, liftSuppression, listSuppressions, type Mail } from '../../src/mail/index.ts';
import { readPostmarkEvent } from '../../src/mail/postmark-events.ts';
import { readResendEvent } from '../../src/mail/resend-events.ts';
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
const isSuppressed = async (address: string) =>
  (await listSuppressions(env.DB, 1000, undefined)).find((row) => row.address === address.toLowerCase());

describe('a suppressed address', () => {
  it('gets no mail, in whatever letters it is written, and nobody is asked', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));

    for (const to of [address, address.toUpperCase().replace('EXAMPLE.COM', 'example.com'), address.toLowerCase()]) {
      await expect(send({ to })).rejects.toMatchObject({ permanent: true, code: 'suppressed', fault: false });
    }
    expect(fake.requests).toEqual([]);
  });

  it('is left out among several, and the result says so, also when it is asked for again', async () => {
    const [gone, copied] = [anAddress(), anAddress()];
    await suppress(env.DB, aSuppression(gone));
    await suppress(env.DB, aSuppression(copied));
    const idempotencyKey = crypto.randomUUID();
    const mail = { to: [gone, 'ada@example.com'], cc: copied, bcc: 'bob@example.com' };

    const sent = await send(mail, idempotencyKey);

    expect(sent.suppressed).toEqual([gone, copied]);
    expect(fake.accepted).toMatchObject([{ to: ['ada@example.com'], cc: [], bcc: ['bob@example.com'] }]);
    expect(await send(mail, idempotencyKey)).toEqual(sent);
  });

  it('takes the copies with it when nobody else is meant', async () => {
    const gone = anAddress();
    await suppress(env.DB, aSuppression(gone));

    await expect(send({ to: gone, cc: 'ada@example.com' })).rejects.toMatchObject({ code: 'suppressed' });
    expect(fake.requests).toEqual([]);
  });

  it('that was suppressed after the mail went does not change how that went', async () => {
    const address = anAddress();
    const key = crypto.randomUUID();
    const sent = await send({ to: address }, key);
    await suppress(env.DB, aSuppression(address));

    expect(await send({ to: address }, key)).toEqual(sent);
  });

  it('gets mail again when it is lifted', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));

    expect(await liftSuppression(env.DB, { address: address.toLowerCase(), liftedAt: NOW })).toBe(true);
    await send({ to: address });

    expect(fake.accepted).toHaveLength(1);
    expect(await liftSuppression(env.DB, { address: address.toLowerCase(), liftedAt: NOW })).toBe(false);
  });
});

describe('an event', () => {
  it('that comes again changes nothing, not even after the address was lifted', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));
    await suppress(env.DB, aSuppression(address, { reason: 'complaint', detail: 'another', createdAt: NOW + 1 }));
    expect(await isSuppressed(address)).toEqual(aSuppression(address));

    await liftSuppression(env.DB, { address: address.toLowerCase(), liftedAt: NOW + 5000 });
    await suppress(env.DB, aSuppression(address));

    expect(await isSuppressed(address)).toBeUndefined();
  });

  it('that is newer than the lifting suppresses again', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address));
    await liftSuppression(env.DB, { address: address.toLowerCase(), liftedAt: NOW + 5000 });
    const complaint = aSuppression(address, { reason: 'complaint', createdAt: NOW + 6000 });

    await suppress(env.DB, complaint);

    expect(await isSuppressed(address)).toEqual(complaint);
  });

  it('of a removal lifts only what came from that provider and is older', async () => {
    const address = anAddress();
    await suppress(env.DB, aSuppression(address, { provider: 'postmark' }));
    const lift = { address: address.toLowerCase(), liftedAt: NOW + 1, provider: 'resend' };

    expect(await liftSuppression(env.DB, lift)).toBe(false);
    expect(await liftSuppression(env.DB, { ...lift, provider: 'postmark', liftedAt: NOW - 1 })).toBe(false);
    expect(await liftSuppression(env.DB, { ...lift, provider: 'postmark' })).toBe(true);
  });
});

describe('resend', () => {
  const event = (type: string, data: object) => ({ type, created_at: '2026-11-24T10:00:00.000Z', data });
  const about = { address: 'ada@example.com', provider: 'resend', createdAt: Date.parse('2026-11-24T10:00:00Z') };
  const bounce = { message: 'no such user', subType: 'General', type: 'Permanent' };

  it.each<[string, object, object]>([
    ['email.bounced', { to: ['Ada@example.com'], bounce }, { reason: 'bounce', detail: 'General: no such user' }],
    ['email.complained', { to: ['ada@example.com'] }, { reason: 'complaint', detail: 'email.complained' }],
    [
      'email.suppressed',
      { to: ['ada@example.com'], suppressed: { message: 'on the list', type: 'OnAccountSuppressionList' } },
      { reason: 'provider', detail: 'on the list' },
    ],
    ...(['bounce', 'complaint'] as const).map(
      (origin) =>
        [
          'suppression.added',
          { email: 'ada@example.com', origin },
          { reason: origin, detail: `suppression.added: ${origin}` },
        ] as [string, object, object],
    ),
    [
      'suppression.added',
      { email: 'ada@example.com', origin: 'manual' },
      { reason: 'provider', detail: 'suppression.added: manual' },
    ],
    [
      'suppression.added',
      { email: 'ada@example.com', origin: 'constructor' },
      { reason: 'provider', detail: 'suppression.added: constructor' },
    ],
  ])('suppresses by %s %j', (type, data, expected) => {
    expect(readResendEvent(event(type, data), NOW)).toEqual({ suppress: { ...about, ...expected } });
  });

  it('lifts by suppression.removed', () => {
    expect(readResendEvent(event('suppression.removed', { email: 'Ada@example.com' }), NOW)).toEqual({
      lift: { address: about.address, liftedAt: about.createdAt, provider: 'resend' },
    });
  });

  it.each([
    ['a soft bounce', event('email.bounced', { to: ['a@example.com'], bounce: { ...bounce, type: 'Transient' } })],
    ['a bounce of no kind', event('email.bounced', { to: ['a@example.com'] })],
    ['a bounce of one among several', event('email.bounced', { to: ['a@example.com', 'b@example.com'], bounce })],
    ['a delay', event('email.delivery_delayed', { to: ['a@example.com'] })],
    ['a delivery', event('email.delivered', { to: ['a@example.com'] })],
    ['something new', event('email.teleported', { to: ['a@example.com'] })],
    ['an address longer than any', event('suppression.added', { email: `${'a'.repeat(250)}@b.de`, origin: 'bounce' })],
    ['a bounce of such an address', event('email.bounced', { to: [`${'a'.repeat(250)}@b.de`], bounce })],
    ['no data', { type: 'email.bounced' }],
    ['data of another form', event('email.bounced', { to: 'a@example.com', bounce })],
    ['no event', 'bounced'],
    ['nothing', null],
  ])('does nothing by %s', (_, something) => {
    expect(readResendEvent(something, NOW)).toEqual({});
  });
});

describe('postmark', () => {
  const bounce = {
    RecordType: 'Bounce',
    Type: 'HardBounce',
    TypeCode: 1,
    Email: 'Ada@example.com',
    Details: 'smtp;550 no such user',
    Description: 'The server was unable to deliver your message.',
    BouncedAt: '2026-11-24T05:00:00.0000000-05:00',
  };
  const about = { address: 'ada@example.com', provider: 'postmark', createdAt: Date.parse('2026-11-24T10:00:00Z') };
  const change = {
    RecordType: 'SubscriptionChange',
    Recipient: 'ada@example.com',
    ChangedAt: '2026-11-24T10:00:00Z',
    SuppressSending: true,
    SuppressionReason: 'HardBounce',
  };

  it.each([
    [bounce, { reason: 'bounce', detail: 'HardBounce: smtp;550 no such user' }],
    [{ ...bounce, Type: 'BadEmailAddress' }, { reason: 'bounce' }],
    [{ ...bounce, RecordType: 'SpamComplaint', Type: 'SpamComplaint' }, { reason: 'complaint' }],
    [change, { reason: 'bounce' }],
    [{ ...change, SuppressionReason: 'SpamComplaint' }, { reason: 'complaint' }],
  ])('suppresses by %j', (event, expected) => {
    expect(readPostmarkEvent(event, NOW)).toMatchObject({ suppress: { ...about, ...expected } });
  });

  it('lifts by a change that allows sending', () => {
    expect(readPostmarkEvent({ ...change, SuppressSending: false, SuppressionReason: null }, NOW)).toEqual({
      lift: { address: about.address, liftedAt: about.createdAt, provider: 'postmark' },
    });
  });

  it.each([
    ...['SoftBounce', 'Transient', 'Blocked', 'DnsError', 'AutoResponder'].map((Type) => ({ ...bounce, Type })),
    ...['constructor', 'toString', '__proto__'].map((Type) => ({ ...bounce, Type })),
    { ...change, SuppressionReason: 'hasOwnProperty' },
    { ...bounce, Email: `${'a'.repeat(250)}@b.de` },
    { ...bounce, RecordType: 'Delivery' },
    { ...bounce, Email: undefined },
    { ...change, SuppressionReason: 'ManualSuppression' },
    { RecordType: 'Bounce' },
    [],
    null,
    'HardBounce',
  ])('does nothing by %j', (event) => {
    expect(readPostmarkEvent(event, NOW)).toEqual({});
  });

  it('believes no clock that is none', () => {
    expect(readPostmarkEvent({ ...bounce, BouncedAt: 'yesterday' }, NOW).suppress?.createdAt).toBe(NOW);
  });
});
