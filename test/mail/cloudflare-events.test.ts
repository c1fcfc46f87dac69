import { describe, expect, it } from 'vitest';
import { readCloudflareEvent } from '../../src/mail/cloudflare-events.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');

/** An event in the form of Cloudflare's documentation. */
const event = (name: string, part: object, payload: object = {}) => ({
  type: `cf.email.sending.message.${name}`,
  source: { type: 'email.sending', zoneId: '023e105f4ecef8ad9ca31a8372d0c353', domain: 'send.example.com' },
  payload: {
    eventId: '0190d0c4-7ea1-7af2-8b88-c1d2e3f4a5b6',
    messageId: '0101018f7d0c4d9a-msg-bounced',
    sender: 'receipts@send.example.com',
    recipient: 'User@example.net',
    subject: 'Your receipt',
    terminal: true,
    delivery: { status: name, provider: 'external_smtp', smtpStatusCode: '550', smtpEnhancedStatusCode: '5.1.1' },
    ...part,
    ...payload,
  },
  metadata: {
    accountId: 'f9f79265f388666de8122cfb508d7776',
    eventSubscriptionId: '1830c4bb612e43c3af7f4cada31fbf3f',
    eventSchemaVersion: 1,
    eventTimestamp: '2026-06-01T02:48:57.132Z',
  },
});
const hard = { bounce: { type: 'hard', classification: 'permanent_failure', reason: '550 5.1.1 User unknown' } };
const soft = { bounce: { type: 'soft', classification: 'temporary_failure', reason: '451 4.2.0 Mailbox busy' } };
const suppressed = { rejection: { reason: 'suppressed', party: 'recipient', detail: 'Recipient is suppressed' } };

describe('an event of Cloudflare', () => {
  it.each([
    ['bounced', hard, { reason: 'bounce', detail: '550 5.1.1 User unknown' }],
    ['complained', { complaint: { type: 'abuse' } }, { reason: 'complaint', detail: 'abuse' }],
    ['complained', {}, { reason: 'complaint', detail: 'cf.email.sending.message.complained' }],
    ['rejected', suppressed, { reason: 'provider', detail: 'Recipient is suppressed' }],
  ])('%s suppresses the address: %j', (name, part, expected) => {
    const about = { address: 'user@example.net', provider: 'cloudflare' };
    const createdAt = Date.parse('2026-06-01T02:48:57.132Z');

    expect(readCloudflareEvent(event(name, part), NOW)).toEqual({ suppress: { ...about, createdAt, ...expected } });
  });

  it('suppresses an address that has a name, and counts from now without a time', () => {
    const named = { ...event('bounced', hard, { recipient: '"Lovelace, Ada" <Ada@example.net>' }), metadata: {} };

    expect(readCloudflareEvent(named, NOW).suppress).toMatchObject({ address: 'ada@example.net', createdAt: NOW });
  });

  it.each([
    ['a soft bounce after the last try', event('bounced', soft)],
    ['a bounce of no kind', event('bounced', {})],
    ['a delay', event('deferred', soft)],
    ['a delivery', event('delivered', {})],
    ['a failure inside Cloudflare', event('failed', { failure: { reason: 'delivery_failed' } })],
    ['a rejection as spam', event('rejected', { rejection: { reason: 'spam', party: 'sender', detail: 'spam' } })],
    ['something new', event('teleported', hard)],
    ['an event without a recipient', event('bounced', hard, { recipient: undefined })],
    ['an event of another product', { ...event('bounced', hard), source: { type: 'r2' } }],
    ['no event', 'bounced'],
    ['nothing', null],
  ])('that is %s does nothing', (_, something) => {
    expect(readCloudflareEvent(something, NOW)).toEqual({});
  });
});
