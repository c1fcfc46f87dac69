// A fake of SendGrid's `POST /v3/mail/send`: https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send, with
// its errors, https://www.twilio.com/docs/sendgrid/api-reference/mail-send/errors.
import { type Answer, decoded, type FakeProvider, isAddress, only, Refusal, readFields, startFake } from './fake.ts';

export const SENDGRID_URL = 'https://sendgrid.test';

const FIELDS = [...['personalizations', 'from', 'reply_to', 'subject', 'content'], ...['headers', 'attachments']];
const RESERVED =
  /^(x-sg-id|x-sg-eid|received|dkim-signature|content-type|content-transfer-encoding|to|from|subject|reply-to|cc|bcc)$/i;

export function sendGridError(status: number, message: string, headers?: Record<string, string>) {
  return {
    status,
    body: { errors: [{ message, field: null }] },
    ...(headers && { headers }),
  } satisfies Answer;
}
const invalid = (message: string) => new Refusal(sendGridError(400, message));

interface Person {
  email: string;
  name?: string;
}

interface Personalization {
  to?: Person[];
  cc?: Person[];
  bcc?: Person[];
  custom_args?: Record<string, string>;
}

export function fakeSendGrid(): FakeProvider {
  return startFake({
    origin: SENDGRID_URL,
    accepted: (id) => ({ status: 202, headers: { 'x-message-id': id }, body: '' }),
    async read(request) {
      if (request.headers.get('authorization') !== 'Bearer SG.good') {
        throw new Refusal(sendGridError(401, 'The provided authorization grant is invalid, expired, or revoked'));
      }
      if (request.method !== 'POST' || new URL(request.url).pathname !== '/v3/mail/send') {
        throw new Refusal(sendGridError(404, 'not found'));
      }
      const body = await readFields(request, FIELDS, invalid);
      const [personalization, ...more] = (body.personalizations ?? []) as Personalization[];
      if (!personalization || more.length > 0) throw invalid('one personalization is expected');
      only(personalization, ['to', 'cc', 'bcc', 'custom_args'], invalid);
      const listed = (people: Person[] | undefined) => {
        if (people?.length === 0) throw invalid('an empty list of recipients');
        return (people ?? []).map(({ email }) => email);
      };
      const [to, cc, bcc] = [listed(personalization.to), listed(personalization.cc), listed(personalization.bcc)];
      const recipients = [...to, ...cc, ...bcc];
      if (to.length === 0 || !recipients.every(isAddress)) throw invalid('Does not contain a valid address.');
      if (new Set(recipients.map((address) => address.toLowerCase())).size < recipients.length) {
        throw invalid('Each email address in the personalization block should be unique between to, cc, and bcc.');
      }
      if (!body.subject) throw invalid('The subject is required.');
      const content = (body.content ?? []) as { type: string; value: string }[];
      if (content.length === 0 || content.some(({ value }) => !value)) {
        throw invalid('The content value must be a string at least one character in length.');
      }
      const types = content.map(({ type }) => type);
      if (types.indexOf('text/plain') > 0) throw invalid('text/plain content, if present, must be first.');
      const headers = (body.headers ?? {}) as Record<string, string>;
      if (Object.keys(headers).some((name) => RESERVED.test(name))) throw invalid('a reserved header');
      const attachments = ((body.attachments ?? []) as Record<string, string>[]).map((file) => {
        only(file, ['content', 'type', 'filename', 'disposition', 'content_id'], invalid);
        if ((file.disposition === 'inline') !== (file.content_id !== undefined))
          throw invalid('inline without a content_id');
        return {
          filename: String(file.filename),
          contentType: String(file.type),
          contentId: file.content_id,
          content: decoded(file.content, invalid),
        };
      });
      const { email, name } = body.from as Person;
      const replyTo = body.reply_to as Person | undefined;
      return {
        mail: {
          from: name === undefined ? email : `${name} <${email}>`,
          ...{ to, cc, bcc },
          replyTo: replyTo ? [replyTo.email] : [],
          subject: String(body.subject),
          text: content.find(({ type }) => type === 'text/plain')?.value,
          html: content.find(({ type }) => type === 'text/html')?.value,
          headers,
          tags: personalization.custom_args ?? {},
          attachments,
        },
      };
    },
  });
}
