import { env } from 'cloudflare:workers';
import { Webhook } from 'standardwebhooks';
import { describe, expect, it, vi } from 'vitest';
import { listSuppressions, notePostmarkEvent, noteResendEvent, takeCloudflareEvents } from '../../src/mail/index.ts';
import { aBatch } from '../support/engine.ts';
import { failingDb } from './scripted.ts';

const SECRET = `whsec_${btoa('a secret that only the tests know')}`;
const now = Date.now();
const suppressed = async () => (await listSuppressions(env.DB, 100, undefined)).map(({ address }) => address);

/** A webhook request of Resend, signed with this secret. */
function fromResend(event: object, secret = SECRET) {
  const body = JSON.stringify(event);
  const at = new Date();
  const headers = new Headers({
    'svix-id': 'msg_1',
    'svix-timestamp': String(Math.floor(at.getTime() / 1000)),
    'svix-signature': new Webhook(secret).sign('msg_1', at, body),
  });
  return { body, headers, now };
}

describe('the queue of Cloudflare’s events', () => {
  const bounced = (recipient: string) => ({
    type: 'cf.email.sending.message.bounced',
    source: { type: 'email.sending', domain: 'example.com' },
    payload: { recipient, bounce: { type: 'hard', reason: '550 5.1.1 User unknown' } },
  });

  it('suppresses addresses, also when an event comes twice, and skips what it cannot read', async () => {
    const events = [
      bounced('one@bounced.example'),
      'what?',
      bounced('One@bounced.example'),
      bounced('two@bounced.example'),
    ];
    const batch = aBatch('bounces', events);

    await takeCloudflareEvents(env.DB, batch, now);

    expect([batch.acked.sort(), batch.retried]).toEqual([[0, 1, 2, 3], []]);
    expect(await suppressed()).toEqual(expect.arrayContaining(['one@bounced.example', 'two@bounced.example']));
  });

  it('delivers an event again that could not be written', async () => {
    const batch = aBatch('bounces', [bounced('three@bounced.example'), { type: 'cf.email.sending.message.delivered' }]);

    await takeCloudflareEvents(failingDb(/suppressions/), batch, now);

    expect([batch.acked, batch.retried]).toEqual([[1], [0]]);
  });

  it('is told from the queues of tasks by the end of its name', () => {
    for (const name of ['email', 'dead', 'bounces-email']) {
      expect(takeCloudflareEvents(env.DB, aBatch(name, []), now), name).toBeUndefined();
    }
    expect(takeCloudflareEvents(env.DB, { ...aBatch('', []), queue: 'my-own-bounces' }, now)).toBeDefined();
  });

  it('reaches the suppressions through the Worker', async () => {
    await env.QUEUE_BOUNCES.send(bounced('four@bounced.example'));

    await vi.waitFor(async () => expect(await suppressed()).toContain('four@bounced.example'), { timeout: 20_000 });
  });
});

describe('a webhook of Resend', () => {
  const added = { type: 'suppression.added', data: { email: 'ada@example.com', origin: 'bounce' } };
  const removed = { type: 'suppression.removed', data: { email: 'ada@example.com' } };

  it('suppresses an address and lifts its suppression', async () => {
    expect(await noteResendEvent(env.DB, fromResend(added), SECRET)).toEqual({ suppressed: 1, lifted: 0 });
    expect(await suppressed()).toContain('ada@example.com');
    expect(await noteResendEvent(env.DB, fromResend(removed), SECRET)).toEqual({ suppressed: 0, lifted: 1 });
    expect(await suppressed()).not.toContain('ada@example.com');
  });

  it('does nothing with another signature', async () => {
    const forged = fromResend(added, `whsec_${btoa('another secret of the same length')}`);

    expect(await noteResendEvent(env.DB, forged, SECRET)).toBeUndefined();
    expect(await suppressed()).not.toContain('ada@example.com');
  });
});

describe('a webhook of Postmark', () => {
  const bounce = JSON.stringify({ RecordType: 'Bounce', Type: 'HardBounce', Email: 'bob@example.com' });
  const note = (body: string, token: string) =>
    notePostmarkEvent(env.DB, { body, headers: new Headers({ 'x-webhook-token': token }), now }, 'the right token');

  it('does nothing with another token', async () => {
    expect(await note(bounce, 'the wrong token')).toBeUndefined();
    expect(await suppressed()).not.toContain('bob@example.com');
  });

  it('suppresses an address', async () => {
    expect(await note(bounce, 'the right token')).toEqual({ suppressed: 1, lifted: 0 });
    expect(await suppressed()).toContain('bob@example.com');
  });

  it('that is not JSON does nothing', async () => {
    expect(await note('{', 'the right token')).toEqual({ suppressed: 0, lifted: 0 });
  });
});
