import { describe, expect, it } from 'vitest';
import { readPostmarkEvent, verifyPostmark } from '../../src/mail/postmark-events.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

describe('the token of Postmark', () => {
  const basic = (text: string) => new Headers({ authorization: `Basic ${btoa(text)}` });

  it.each([
    ['as a header', new Headers({ 'x-webhook-token': 'the right token' })],
    ['as the password', basic('postmark:the right token')],
    ['as a password without a name', basic(':the right token')],
  ])('is accepted %s', async (_, headers) => {
    expect(await verifyPostmark(headers, 'the right token')).toBe(true);
  });

  it.each([
    ['missing', new Headers()],
    ['another one', new Headers({ 'x-webhook-token': 'the wrong token' })],
    ['a part of it', new Headers({ 'x-webhook-token': 'the right' })],
    ['the name', basic('the right token:x')],
    ['not base64', new Headers({ authorization: 'Basic ===' })],
  ])('is refused when it is %s', async (_, headers) => {
    expect(await verifyPostmark(headers, 'the right token')).toBe(false);
  });
});

describe('an event of Postmark', () => {
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
  ])('suppresses the address: %j', (event, expected) => {
    expect(readPostmarkEvent(event, NOW)).toMatchObject({ suppress: { ...about, ...expected } });
  });

  it.each(['Ada Lovelace <Ada@example.com>', '"Lovelace, Ada" <ada@example.com>', ' ada@example.com (Ada)'])(
    'suppresses the address of %s',
    (named) => {
      for (const event of [
        { ...bounce, Email: named },
        { ...change, Recipient: named },
      ]) {
        expect(readPostmarkEvent(event, NOW)).toMatchObject({ suppress: { address: 'ada@example.com' } });
      }
    },
  );

  it('that allows sending lifts the suppression', () => {
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
  ])('of another kind or form does nothing: %j', (event) => {
    expect(readPostmarkEvent(event, NOW)).toEqual({});
  });

  it('without a valid time counts from now', () => {
    expect(readPostmarkEvent({ ...bounce, BouncedAt: 'yesterday' }, NOW).suppress?.createdAt).toBe(NOW);
  });
});
