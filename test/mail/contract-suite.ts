// The contract that every mail provider keeps. Each provider's own test file calls keepsTheContract(). A new provider needs an
// entry in contract.ts and a fake that refuses what the provider refuses.
import { env } from 'cloudflare:workers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AttachmentSource,
  createMailer,
  type Mail,
  MailError,
  type MailPorts,
  readUnsubscribeToken,
} from '../../src/mail/index.ts';
import { ACCEPTED } from './addresses.ts';
import { type Contract, MAIL_FROM, PROVIDERS } from './contract.ts';
import type { FakeProvider } from './fakes/fake.ts';
import { REFUSED_PARTS } from './refused-parts.ts';

const mail: Mail = { to: 'ada@example.com', subject: 'Käse', text: 'Hello', html: '<p>Hello</p>' };
const now = () => Date.now();

const FILES: Record<string, { contentType: string; filename: string; text: string }> = {
  'uploads/invoice': { contentType: 'application/pdf', filename: 'invoice.pdf', text: '%PDF-1.7 \u00ff\u0000' },
  'uploads/logo': { contentType: 'image/png', filename: 'logo.png', text: '\u0089PNG' },
};
const files: AttachmentSource = {
  async stat(key) {
    const file = FILES[key];
    return file && { ...file, size: file.text.length };
  },
  async read(key) {
    const file = FILES[key];
    return file && { bytes: Uint8Array.from(file.text, (character) => character.charCodeAt(0)) };
  },
};

/** Declares the tests of the contract for the provider `name` of contract.ts. */
export function keepsTheContract(name: string): void {
  const contract = PROVIDERS[name] as Contract;
  const { settings, badKey, says, status: answer } = contract;
  const links = { ...settings, PUBLIC_URL: 'https://errand.example', UNSUBSCRIBE_SECRET: 'a secret of the tests' };
  let fake: FakeProvider<unknown>;
  let ports: MailPorts;
  beforeEach(() => {
    const started = contract.start();
    fake = started.fake;
    ports = { attachments: files, ...started.ports };
  });
  afterEach(() => vi.restoreAllMocks());

  const send = (
    { idempotencyKey = crypto.randomUUID(), signal = new AbortController().signal } = {},
    what: Mail = mail,
    how = settings,
  ) => createMailer(env.DB, how, now, ports).send(what, { idempotencyKey, signal });

  /** The error of a send that must fail. */
  const failure = async (sending: Promise<unknown>): Promise<MailError> => {
    const error = await sending.then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    expect(error).toBeInstanceOf(MailError);
    return error as MailError;
  };

  const attempts = async (idempotencyKey: string) =>
    (await env.DB.prepare('SELECT * FROM sent_mails WHERE idempotency_key = ?').bind(idempotencyKey).all()).results;

  describe('sends', () => {
    it('a mail, and returns its id and the name of the provider', async () => {
      const sent = await send();

      expect(sent).toEqual({ provider: name, message_id: expect.stringMatching(/.{8,}/) });
      expect(fake.accepted).toHaveLength(1);
      expect(fake.accepted[0]).toMatchObject({ from: MAIL_FROM, to: [mail.to], subject: mail.subject });
    });

    it.each(['text', 'html'] as const)('a mail that has only %s', async (part) => {
      await send({}, { to: 'ada@example.com', subject: mail.subject, [part]: 'Hello' });

      const other = part === 'text' ? 'html' : 'text';
      expect(fake.accepted).toMatchObject([{ [part]: 'Hello', [other]: undefined }]);
    });

    it('every part that a mail can have, each in its place', async () => {
      await send(
        {},
        {
          ...mail,
          to: ['ada@example.com', 'bob@example.com'],
          cc: 'carol@example.com',
          bcc: ['dan@example.com', 'eve@example.com'],
          reply_to: 'desk@example.com',
          headers: { 'X-Order': '17', 'In-Reply-To': '<16@example.com>' },
          tags: [
            { name: 'kind', value: 'invoice' },
            { name: 'Customer_Id', value: '17-b' },
          ],
          attachments: [
            { file: 'uploads/invoice', filename: 'Invoice 17.pdf' },
            { file: 'uploads/logo', content_type: 'image/x-png', content_id: 'logo' },
          ],
        },
      );

      expect(fake.accepted).toEqual([
        {
          from: MAIL_FROM,
          to: ['ada@example.com', 'bob@example.com'],
          cc: ['carol@example.com'],
          bcc: ['dan@example.com', 'eve@example.com'],
          replyTo: ['desk@example.com'],
          subject: 'Käse',
          text: 'Hello',
          html: '<p>Hello</p>',
          headers: { 'X-Order': '17', 'In-Reply-To': '<16@example.com>' },
          tags: { kind: 'invoice', Customer_Id: '17-b' },
          attachments: [
            {
              filename: 'Invoice 17.pdf',
              contentType: 'application/pdf',
              contentId: undefined,
              content: FILES['uploads/invoice']?.text,
            },
            {
              filename: contract.inlineName ?? 'logo.png',
              contentType: 'image/x-png',
              contentId: 'logo',
              content: FILES['uploads/logo']?.text,
            },
          ],
        },
      ]);
    });

    it('to an address once although it is named twice', async () => {
      const to = ['ada@example.com', 'Ada@Example.com'];
      await send({}, { ...mail, to, cc: ['ada@example.com', 'bob@example.com'], bcc: 'BOB@example.com' });

      expect(fake.accepted).toMatchObject([{ to: ['ada@example.com'], cc: ['bob@example.com'], bcc: [] }]);
    });

    it('to 50 recipients', async () => {
      const to = Array.from({ length: 50 }, (_, n) => `user${n}@example.com`);
      await send({}, { ...mail, to });

      expect(fake.accepted[0]?.to).toEqual(to);
    });

    it('from a name with a comma, which is quoted if the name is part of a header', async () => {
      await send({}, mail, { ...settings, MAIL_FROM: 'Errand, Inc. <errand@example.com>' });

      const { senderParts } = contract;
      const name = senderParts ? 'Errand, Inc.' : '"Errand, Inc."';
      expect(fake.accepted[0]?.from).toBe(`${name} <errand@example.com>`);
    });

    it('to addresses with every legal mark, and to domains beyond ASCII in punycode', async () => {
      await send({}, { ...mail, to: ACCEPTED.slice(0, 20).map(([address]) => address), cc: "o'hara&co@пример.рф" });

      expect(fake.accepted[0]).toMatchObject({ cc: ["o'hara&co@xn--e1afmkfd.xn--p1ai"] });
    });

    it('a mail that is not transactional, with the link of its recipient in its headers and in its text', async () => {
      const text = 'News. {{unsubscribe_url}}';
      await send({}, { ...mail, to: 'Ada@example.com', text, headers: { 'X-A': '1' }, transactional: false }, links);

      const { headers, text: sent } = fake.accepted[0] ?? {};
      const url = headers?.['List-Unsubscribe']?.match(/^<(https:\/\/errand\.example\/unsubscribe\/.+)>$/)?.[1];
      expect(headers).toEqual({
        'X-A': '1',
        'List-Unsubscribe': `<${url}>`,
        'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click',
      });
      expect(sent).toBe(`News. ${url}`);
      const token = url?.split('/').at(-1) ?? '';
      expect(await readUnsubscribeToken(links.UNSUBSCRIBE_SECRET, token)).toBe('ada@example.com');
    });

    it('from a bare address', async () => {
      await send({}, mail, { ...settings, MAIL_FROM: 'errand@example.com' });

      expect(fake.accepted[0]?.from).toBe('errand@example.com');
    });
  });

  describe('fails for good', () => {
    if (badKey)
      it('when its API key is refused, without showing the API key', async () => {
        const error = await failure(send({}, mail, badKey));

        expect(error).toMatchObject({ permanent: true, unclear: false, fault: false });
        expect(error.message).toContain(name);
        expect(error.message).not.toContain('bad');
      });

    it('when the mail is refused, with the reason', async () => {
      fake.next(says.invalid);
      const error = await failure(send());

      expect(error).toMatchObject({ permanent: true, unclear: false, fault: false });
      expect(error.message).toContain('Invalid `to` field.');
    });

    if (answer)
      it.each([400, 401, 403, 404, 405, 410, 413, 422, 451])('on %i', async (status) => {
        fake.next(answer(status, 'No.'));
        const error = await failure(send());

        expect(error).toMatchObject({ permanent: true, unclear: false, fault: false });
        expect(error.message).toContain(String(status));
      });

    it('when the mail is not transactional and no link can be made; the provider is not asked', async () => {
      for (const missing of ['PUBLIC_URL', 'UNSUBSCRIBE_SECRET']) {
        const error = await failure(send({}, { ...mail, transactional: false }, { ...links, [missing]: undefined }));
        expect(error).toMatchObject({ permanent: true, unclear: false, code: 'unsubscribe_not_set_up' });
      }
      expect(fake.requests).toHaveLength(0);
    });

    it('without leaving an open attempt', async () => {
      const idempotencyKey = crypto.randomUUID();
      fake.next(says.invalid);
      await failure(send({ idempotencyKey }));

      expect(await attempts(idempotencyKey)).toEqual([]);
    });
  });

  describe('may be tried again', () => {
    it('when the provider limits the rate, which is not its fault', async () => {
      const idempotencyKey = crypto.randomUUID();
      fake.next(says.limited);
      const error = await failure(send({ idempotencyKey }));

      expect(error).toMatchObject({ permanent: false, unclear: false, fault: false });
      expect(error.retryAfterSeconds).toBe(answer ? 7 : undefined);
      expect(await attempts(idempotencyKey)).toEqual([]);
    });

    it('when the provider fails; it may have accepted the mail', async () => {
      const idempotencyKey = crypto.randomUUID();
      fake.next(says.down);
      const error = await failure(send({ idempotencyKey }));

      expect(error).toMatchObject({ permanent: false, unclear: true, fault: true, retryAfterSeconds: undefined });
      expect(await attempts(idempotencyKey)).toMatchObject([{ provider: name, message_id: null, sent_at: null }]);
    });

    if (answer)
      it('when the provider is unavailable; it did not accept the mail', async () => {
        const idempotencyKey = crypto.randomUUID();
        fake.next(answer(503, 'Later.'));

        expect(await failure(send({ idempotencyKey }))).toMatchObject({
          permanent: false,
          unclear: false,
          fault: true,
        });
        expect(await attempts(idempotencyKey)).toEqual([]);
      });

    if (answer)
      it.each([408, 425, 429, 500, 502, 503, 504, 520, 529])('on %i', async (status) => {
        fake.next(answer(status, 'Later.'));

        expect((await failure(send())).permanent).toBe(false);
      });

    it('when the connection breaks, with the cause', async () => {
      fake.next('reset');
      const error = await failure(send());

      expect(error).toMatchObject({ permanent: false, unclear: true, fault: true });
      expect(String(error.cause)).toContain('Network connection lost');
    });

    if (answer)
      it('when the answer is not the provider’s, but the page of a proxy', async () => {
        fake.next('page');

        expect(await failure(send())).toMatchObject({ permanent: false, unclear: true, fault: true });
      });

    if (answer)
      it('as late as Retry-After says with a date, at most a day later', async () => {
        fake.next(answer(429, 'Later.', { 'retry-after': new Date(Date.now() + 90_000).toUTCString() }));
        fake.next(answer(429, 'Later.', { 'retry-after': 'Sun, 06 Nov 2050 08:49:37 GMT' }));
        const [soon, late] = [await failure(send()), await failure(send())];

        expect(soon.retryAfterSeconds).toBeGreaterThan(30);
        expect(soon.retryAfterSeconds).toBeLessThanOrEqual(90);
        expect(late.retryAfterSeconds).toBe(86_400);
      });

    it('when its task is aborted, which is not the fault of the provider', async () => {
      fake.next('hang');
      const controller = new AbortController();
      const sending = failure(send({ signal: controller.signal }));
      await vi.waitFor(() => expect(fake.requests).toHaveLength(1));

      controller.abort(new Error('revoked'));

      expect(await sending).toMatchObject({ permanent: false, unclear: true, fault: false });
    });

    it('when the provider does not answer within 12 seconds', async () => {
      vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
      try {
        fake.next('hang');
        const sending = failure(send());
        for (let turn = 0; turn < 100 && fake.requests.length === 0; turn++) await env.DB.exec('SELECT 1');
        await vi.advanceTimersByTimeAsync(12_000);

        expect(await sending).toMatchObject({ permanent: false, unclear: true, fault: true });
      } finally {
        vi.useRealTimers();
      }
    });

    it('when its task was aborted before; the provider is not asked and no attempt stays open', async () => {
      const idempotencyKey = crypto.randomUUID();
      const error = await failure(send({ idempotencyKey, signal: AbortSignal.abort(new Error('revoked')) }));

      expect(error).toMatchObject({ permanent: false, unclear: false, fault: false });
      expect(fake.requests).toHaveLength(0);
      expect(await attempts(idempotencyKey)).toEqual([]);
    });
  });

  it.each(REFUSED_PARTS)('refuses a mail whose %s it could not send safely, unasked: %j', async (_, part) => {
    const error = await failure(send({}, { ...mail, ...part }));

    expect(error.permanent).toBe(true);
    expect(fake.requests).toHaveLength(0);
  });

  describe('sends once', () => {
    it('when the provider accepts the mail without giving an id', async () => {
      const idempotencyKey = crypto.randomUUID();
      fake.next('no id');

      const [first, second] = [await send({ idempotencyKey }), await send({ idempotencyKey })];

      expect(first).toEqual({ provider: name, message_id: '' });
      expect(second).toEqual(first);
      expect(fake.requests).toHaveLength(1);
    });

    it('when it is asked twice under the same idempotency key', async () => {
      const idempotencyKey = crypto.randomUUID();

      const [first, second] = [await send({ idempotencyKey }), await send({ idempotencyKey })];

      expect(second).toEqual(first);
      expect(fake.requests).toHaveLength(1);
    });

    it('when the provider has forgotten the idempotency key', async () => {
      const idempotencyKey = crypto.randomUUID();
      const first = await send({ idempotencyKey });
      fake.forget();

      expect(await send({ idempotencyKey })).toEqual(first);
      expect(fake.accepted).toHaveLength(1);
    });

    it('when another provider is configured since then', async () => {
      const idempotencyKey = crypto.randomUUID();
      const first = await send({ idempotencyKey });

      const again = await send({ idempotencyKey }, mail, { ...settings, MAIL_PROVIDER: 'mailbox' });

      expect(again).toEqual(first);
    });

    it('the same mail under each of two idempotency keys', async () => {
      await send();
      await send();

      expect(fake.accepted).toHaveLength(2);
    });
  });
}
