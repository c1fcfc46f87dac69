import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { readResendEvent, verifyResend } from '../../src/mail/resend-events.ts';

const NOW = Date.parse('2026-11-24T12:00:00Z');
const SECRET = `whsec_${btoa('a secret that only the tests know')}`;

describe('the signature of Resend', () => {
  const body = JSON.stringify({ type: 'email.bounced' });
  const signed = (prefix: string, at = new Date(), secret = SECRET) =>
    new Headers({
      [`${prefix}-id`]: 'msg_1',
      [`${prefix}-timestamp`]: String(Math.floor(at.getTime() / 1000)),
      [`${prefix}-signature`]: new Webhook(secret).sign('msg_1', at, body),
    });

  it.each(['svix', 'webhook'])('is accepted in headers that begin with %s', (prefix) => {
    expect(verifyResend(body, signed(prefix), SECRET)).toEqual({ type: 'email.bounced' });
  });

  it.each([
    ['another secret', body, signed('svix', new Date(), `whsec_${btoa('another secret of the same length')}`)],
    ['another body', `${body} `, signed('svix')],
    ['an old timestamp', body, signed('svix', new Date(Date.now() - 6 * 60_000))],
    ['no headers', body, new Headers()],
  ])('is refused with %s', (_, text, headers) => {
    expect(verifyResend(text, headers, SECRET)).toBeUndefined();
  });
});

describe('an event of Resend', () => {
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
      (reason) =>
        [
          'email.suppressed',
          { to: ['ada@example.com'], suppressed: { message: 'on the list', reason: `previous_${reason}` } },
          { reason, detail: 'on the list' },
        ] as [string, object, object],
    ),
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
  ])('of type %s suppresses the address: %j', (type, data, expected) => {
    expect(readResendEvent(event(type, data), NOW)).toEqual({ suppress: { ...about, ...expected } });
  });

  it.each([
    'Ada Lovelace <Ada@example.com>',
    '"Lovelace, Ada" <ada@example.com>',
    '<ada@example.com>',
    ' ada@example.com (Ada)',
    `${'A very long name '.repeat(30)} <ada@example.com>`,
  ])('suppresses the address of %s', (named) => {
    for (const [type, data] of [
      ['email.bounced', { to: [named], bounce }],
      ['email.complained', { to: [named] }],
      ['suppression.added', { email: named, origin: 'bounce' }],
    ] as const) {
      expect(readResendEvent(event(type, data), NOW)).toMatchObject({ suppress: { address: 'ada@example.com' } });
    }
    expect(readResendEvent(event('suppression.removed', { email: named }), NOW)).toMatchObject({
      lift: { address: 'ada@example.com' },
    });
  });

  it('of type suppression.removed lifts the suppression', () => {
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
  ])('that is %s does nothing', (_, something) => {
    expect(readResendEvent(something, NOW)).toEqual({});
  });
});
