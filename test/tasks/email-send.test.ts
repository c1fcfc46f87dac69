// A mail task that crashes or meets a failing provider: its mail is sent once.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { enqueue, sweep } from '../../src/engine/manage.ts';
import { createFiles } from '../../src/files/index.ts';
import { createMailer } from '../../src/mail/index.ts';
import { sendEmail } from '../../src/tasks/index.ts';
import { refusal } from '../chaos/resend-rules.ts';
import type { FakeProvider } from '../mail/fakes/fake.ts';
import { fakePostmark, POSTMARK_URL } from '../mail/fakes/postmark.ts';
import { fakeResend, RESEND_URL } from '../mail/fakes/resend.ts';
import { claimAndDie } from '../support/dying.ts';
import { makeEngine, rowOf, type TestEngine } from '../support/engine.ts';

const settings = {
  MAIL_PROVIDER: 'resend' as const,
  MAIL_FROM: 'errand@example.com',
  RESEND_API_KEY: 're_good',
  RESEND_BASE_URL: RESEND_URL,
};
const POSTMARK = {
  POSTMARK_TOKEN: 'pm_good',
  POSTMARK_BASE_URL: POSTMARK_URL,
  POSTMARK_MESSAGE_STREAM: 'outbound',
};
const mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };

let fake: FakeProvider;
let engine: TestEngine;
beforeEach(async () => {
  fake = fakeResend();
  engine = await makeEngine([sendEmail]);
  engine.services = { ...engine.services, mailer: createMailer(env.DB, settings, engine.clock.now) };
});
afterEach(() => vi.restoreAllMocks());

const enqueueMail = async () => (await enqueue(engine, [{ definition: sendEmail, input: mail }]))[0]!.taskId;

/** Starts the task and sends its mail; then the invocation dies before the task's success is recorded. */
async function sendAndDie(id: string): Promise<void> {
  await claimAndDie(engine, [id]);
  await engine.services.mailer.send(mail, { idempotencyKey: id, signal: new AbortController().signal });
}

/** The lease ends, the maintenance run puts the task back, and the task runs again. */
async function recover(): Promise<void> {
  engine.advance(3600);
  await sweep(engine);
  await engine.drain();
}

describe('email.send', () => {
  it('does not send the mail again after a crash between sending and recording the success', async () => {
    const id = await enqueueMail();
    await sendAndDie(id);

    await recover();

    expect((await rowOf(id)).state).toBe('SUCCESS');
    expect(fake.accepted).toHaveLength(1);
    expect(fake.requests).toHaveLength(1);
  });

  it('does not send the mail again when the provider has forgotten the idempotency key', async () => {
    const id = await enqueueMail();
    await sendAndDie(id);
    fake.forget();

    await recover();

    expect((await rowOf(id)).state).toBe('SUCCESS');
    expect(fake.accepted).toHaveLength(1);
  });

  it('relies on the idempotency key when the crash came before the mail was recorded', async () => {
    const id = await enqueueMail();
    await sendAndDie(id);
    await env.DB.prepare('DELETE FROM sent_mails WHERE idempotency_key = ?').bind(id).run();

    await recover();

    expect((await rowOf(id)).state).toBe('SUCCESS');
    expect(fake.requests).toHaveLength(2);
    expect(fake.accepted).toHaveLength(1);
  });

  it('waits as long as the provider asks, and then sends the mail', async () => {
    fake.next(refusal(429, 'rate_limit_exceeded', 'Slow down.', { 'retry-after': '123' }));
    const id = await enqueueMail();

    await engine.deliver();
    const waiting = await rowOf(id);
    await engine.drain();

    expect(waiting.state).toBe('RETRY');
    expect(Number(waiting.due_at) - Number(waiting.started_at)).toBe(123_000);
    expect((await rowOf(id)).state).toBe('SUCCESS');
    expect(fake.accepted).toHaveLength(1);
  });

  it('succeeds after an outage of nine attempts', async () => {
    fake.next(...Array.from({ length: 9 }, () => refusal(503, 'unavailable', 'Later.')), 'reset');
    const id = await enqueueMail();

    await engine.drain(40);

    expect((await rowOf(id)).state).toBe('SUCCESS');
    expect(fake.accepted).toHaveLength(1);
  });

  it('fails at once when the provider refuses the mail', async () => {
    fake.next(refusal(422, 'validation_error', 'Invalid `to` field.'));
    const id = await enqueueMail();

    await engine.drain();

    const row = await rowOf(id);
    expect([row.state, row.attempt]).toEqual(['FAILURE', 1]);
    expect(JSON.parse(String(row.error))).toMatchObject({ type: 'MailError' });
    expect(fake.requests).toHaveLength(1);
  });

  it('fails with `unclear` when the mail may have been sent and the setting is hold', async () => {
    const held = { ...settings, MAIL_ON_UNCLEAR: 'hold' as const, MAIL_PROVIDER: 'postmark' as const };
    const postmark = fakePostmark();
    engine.services.mailer = createMailer(env.DB, { ...held, ...POSTMARK }, engine.clock.now);
    postmark.next('reset after accepting');
    const id = await enqueueMail();

    await engine.drain();

    const row = await rowOf(id);
    expect(row.state).toBe('FAILURE');
    expect(JSON.parse(String(row.error))).toMatchObject({
      code: 'unclear',
      message: expect.stringContaining('postmark'),
    });
    expect(postmark.accepted).toHaveLength(1);
    expect(postmark.requests).toHaveLength(1);
  });

  it('sends the mail again by default when it may have been sent by a provider without idempotency keys', async () => {
    const postmark = fakePostmark();
    engine.services.mailer = createMailer(
      env.DB,
      { ...settings, ...POSTMARK, MAIL_PROVIDER: 'postmark' },
      engine.clock.now,
    );
    postmark.next('reset');
    const id = await enqueueMail();

    await engine.drain();

    expect((await rowOf(id)).state).toBe('SUCCESS');
    expect(postmark.accepted).toHaveLength(1);
  });

  it('sends the mail through the fallback while the first provider is unavailable', async () => {
    const postmark = fakePostmark();
    const both = { ...settings, ...POSTMARK, MAIL_FALLBACK: ['postmark' as const] };
    engine.services.mailer = createMailer(env.DB, both, engine.clock.now);
    fake.next(refusal(503, 'unavailable', 'Later.'));
    const id = await enqueueMail();

    await engine.drain();

    expect(JSON.parse(String((await rowOf(id)).result))).toMatchObject({ provider: 'postmark' });
    expect([fake.accepted.length, postmark.accepted.length]).toEqual([0, 1]);
  });

  it('fails with `file_not_found` when an attachment does not exist', async () => {
    const input = { ...mail, attachments: [{ file: 'uploads/none' }] };
    const [receipt] = await enqueue(engine, [{ definition: sendEmail, input }]);

    await engine.drain();

    const row = await rowOf(receipt!.taskId);
    expect([row.state, row.attempt]).toEqual(['FAILURE', 1]);
    expect(JSON.parse(String(row.error))).toMatchObject({ code: 'file_not_found' });
  });

  it('waits without using up an attempt while other mails fill the isolate', async () => {
    const files = createFiles(env.FILES);
    const { key } = await files.upload(new Uint8Array(6_000_000), { filename: 'a.txt', contentType: 'text/plain' });
    const { signal } = new AbortController();
    engine.services.mailer = createMailer(env.DB, settings, engine.clock.now, { attachments: files });
    fake.next('hang');
    const attachments = [{ file: key }];
    void engine.services.mailer.send({ ...mail, attachments }, { idempotencyKey: 'hanging', signal }).catch(() => {});
    await vi.waitFor(() => expect(fake.requests).toHaveLength(1));
    const [receipt] = await enqueue(engine, [{ definition: sendEmail, input: { ...mail, attachments } }]);

    await engine.deliver();
    const waiting = await rowOf(receipt!.taskId);
    engine.advance(60);
    await engine.drain();

    expect([waiting.state, waiting.attempt]).toEqual(['RETRY', 0]);
    expect((await rowOf(receipt!.taskId)).state).toBe('SUCCESS');
    expect(fake.accepted.map(({ attachments: [file] }) => file?.content.length)).toEqual([6_000_000]);
  });
});
