import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it } from 'vitest';
import { listSuppressions } from '../../../src/mail/index.ts';
import { anApp, problemOf, reply } from '../../support/worker.ts';

const SECRET = `whsec_${btoa('a secret of twenty-four b')}`;
const TOKEN = 'a-token-of-some-length';
const settings = {
  AUTH: 'keys' as const,
  MAIL_PROVIDER: 'resend',
  KEY_RATE_LIMIT: 6000,
  REGISTER_RATE_LIMIT: 20,
  RESEND_WEBHOOK_SECRET: SECRET,
  POSTMARK_WEBHOOK_TOKEN: TOKEN,
};
const { call } = await anApp({ settings });

const bounceOf = (address: string) =>
  JSON.stringify({
    type: 'email.bounced',
    created_at: '2026-11-24T10:00:00.000Z',
    data: { to: [address], bounce: { type: 'Permanent', subType: 'General', message: 'no such user' } },
  });

const signed = (body: string, { secret = SECRET, at = new Date(), id = `msg_${crypto.randomUUID()}` } = {}) => ({
  body,
  headers: {
    'content-type': 'application/json',
    'svix-id': id,
    'svix-timestamp': String(Math.floor(at.getTime() / 1000)),
    'svix-signature': new Webhook(secret).sign(id, at, body),
  },
});

const isSuppressed = async (address: string) =>
  (await listSuppressions(env.DB, 1000, undefined)).some((row) => row.address === address);

describe('POST /webhooks/resend', () => {
  it('notes a signed bounce, and the same again changes nothing', async () => {
    const event = signed(bounceOf('One@example.com'));

    for (let time = 0; time < 3; time++) {
      expect(await reply(200, call('POST /webhooks/resend', event))).toEqual({ suppressed: 1, lifted: 0 });
    }
    const rows = await listSuppressions(env.DB, 1000, undefined);
    expect(rows.filter(({ address }) => address === 'one@example.com')).toEqual([
      {
        address: 'one@example.com',
        reason: 'bounce',
        detail: 'General: no such user',
        provider: 'resend',
        createdAt: Date.parse('2026-11-24T10:00:00Z'),
      },
    ]);
  });

  it('takes the headers of Standard Webhooks as well', async () => {
    const { body, headers } = signed(bounceOf('standard@example.com'));
    const renamed = Object.entries(headers).map(([name, value]) => [name.replace('svix-', 'webhook-'), value]);

    await reply(200, call('POST /webhooks/resend', { body, headers: Object.fromEntries(renamed) }));
    expect(await isSuppressed('standard@example.com')).toBe(true);
  });

  it('thanks for an event of no interest', async () => {
    const event = signed(JSON.stringify({ type: 'email.delivered', data: { to: ['two@example.com'] } }));

    expect(await reply(200, call('POST /webhooks/resend', event))).toEqual({ suppressed: 0, lifted: 0 });
  });

  const body = bounceOf('three@example.com');
  const minutes = (count: number) => new Date(Date.now() + count * 60_000);
  it.each([
    ['unsigned', { body }],
    ['signed with another secret', signed(body, { secret: `whsec_${btoa('the secret of another service')}` })],
    ['signed ten minutes ago', signed(body, { at: minutes(-10) })],
    ['signed ten minutes from now', signed(body, { at: minutes(10) })],
    ['changed after it was signed', { ...signed(body), body: bounceOf('four@example.com') }],
    ['signed for another id', { ...signed(body), headers: { ...signed(body).headers, 'svix-id': 'msg_other' } }],
    ['signed in a form of its own', { ...signed(body), headers: { ...signed(body).headers, 'svix-signature': 'v1' } }],
    ['empty', { body: '', headers: signed('').headers }],
    ['signed, but no JSON', signed('bounced')],
  ])('refuses what is %s', async (_, event) => {
    const problem = await problemOf(call('POST /webhooks/resend', event));

    expect(problem).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(await isSuppressed('three@example.com')).toBe(false);
    expect(await isSuppressed('four@example.com')).toBe(false);
  });

  it('answers 404 without a secret, also to a signed event', async () => {
    const { call: request } = await anApp({ settings: { ...settings, RESEND_WEBHOOK_SECRET: undefined } });

    expect(await problemOf(request('POST /webhooks/resend', signed(body)))).toMatchObject({ status: 404 });
  });

  it('refuses an event of more than a megabyte unread', async () => {
    expect((await call('POST /webhooks/resend', signed('x'.repeat(1_000_001)))).status).toBe(413);
  });
});

describe('POST /webhooks/postmark', () => {
  const body = (address: string) =>
    JSON.stringify({ RecordType: 'Bounce', Type: 'HardBounce', Email: address, BouncedAt: '2026-11-24T10:00:00Z' });

  it.each([
    ['five@example.com', { authorization: `Basic ${btoa(`errand:${TOKEN}`)}` }],
    ['six@example.com', { authorization: `basic ${btoa(`:${TOKEN}`)}` }],
    ['seven@example.com', { 'x-webhook-token': TOKEN }],
  ])('notes a bounce of %s with %j', async (address, headers) => {
    expect(await reply(200, call('POST /webhooks/postmark', { body: body(address), headers }))).toEqual({
      suppressed: 1,
      lifted: 0,
    });
    expect(await isSuppressed(address)).toBe(true);
  });

  it('notes a bounce whose id has 64 bits, as those of Postmark do', async () => {
    const headers = { 'x-webhook-token': TOKEN, 'content-type': 'application/json' };
    const event = body('nine@example.com').replace('{', '{"ID":4323372036854775807,');

    await reply(200, call('POST /webhooks/postmark', { body: event, headers }));
    expect(await isSuppressed('nine@example.com')).toBe(true);
  });

  it('thanks for what it cannot read', async () => {
    const headers = { 'x-webhook-token': TOKEN };

    for (const text of ['', 'bounced', '[]', '{"RecordType":7}', '{"__proto__":{"RecordType":"Bounce"}}']) {
      await reply(200, call('POST /webhooks/postmark', { body: text, headers }));
    }
  });

  it.each([
    ['nothing', {}],
    ['an empty token', { 'x-webhook-token': '' }],
    ['another token', { 'x-webhook-token': `${TOKEN}x` }],
    ['a part of the token', { 'x-webhook-token': TOKEN.slice(0, -1) }],
    ['the token as the name', { authorization: `Basic ${btoa(`${TOKEN}:x`)}` }],
    ['no colon', { authorization: `Basic ${btoa(TOKEN)}` }],
    ['no base64', { authorization: 'Basic ===' }],
    ['the token as a bearer', { authorization: `Bearer ${TOKEN}` }],
  ])('refuses %s', async (_, headers) => {
    const problem = await problemOf(call('POST /webhooks/postmark', { body: body('eight@example.com'), headers }));

    expect(problem).toMatchObject({ status: 401, code: 'unauthorized' });
    expect(await isSuppressed('eight@example.com')).toBe(false);
  });

  it('is not there without a token', async () => {
    const { call: request } = await anApp({ settings: { ...settings, POSTMARK_WEBHOOK_TOKEN: undefined } });
    const headers = { 'x-webhook-token': '' };

    expect(await problemOf(request('POST /webhooks/postmark', { body: '{}', headers }))).toMatchObject({ status: 404 });
  });
});
