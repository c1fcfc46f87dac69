// A fake of Resend's `POST /emails`. It has the rules of test/chaos/resend-rules.ts, and further ones for copies, headers,
// tags and attachments.
import { type Answer, readMail, refusal } from '../../chaos/resend-rules.ts';
import { type Arrived, decoded, type FakeProvider, only, Refusal, startFake } from './fake.ts';

export const RESEND_URL = 'https://resend.test';

const FIELDS = ['from', 'to', 'cc', 'bcc', 'reply_to', 'subject', 'text', 'html', 'headers', 'tags', 'attachments'];
const invalid = (message: string) => new Refusal(refusal(422, 'validation_error', message));

/** Intercepts fetch until vi.restoreAllMocks(). */
export function fakeResend(apiKey = 're_good'): FakeProvider {
  return startFake({
    origin: RESEND_URL,
    accepted: (id) => ({ status: 200, body: { id } }),
    conflict: refusal(409, 'invalid_idempotent_request', 'The key was used with a different payload.'),
    async read(request) {
      const headers = Object.fromEntries(request.headers) as Record<string, string>;
      if (headers.authorization !== `Bearer ${apiKey}` && headers.authorization?.startsWith('Bearer re_')) {
        throw new Refusal(refusal(401, 'invalid_api_key', 'API key is invalid.'));
      }
      const body = await request.text();
      const path = new URL(request.url).pathname;
      const mail = readMail({ method: request.method, path, headers, body });
      if ('status' in mail) throw new Refusal(mail as Answer);
      return { mail: arrived(JSON.parse(body) as Record<string, unknown>), key: mail.key };
    },
  });
}

function arrived(body: Record<string, unknown>): Arrived {
  only(body, FIELDS, invalid);
  const list = (value: unknown) => (value === undefined ? [] : ([value].flat() as string[]));
  const tags = (body.tags ?? []) as { name: string; value: string }[];
  for (const { name, value } of tags) {
    if (![name, value].every((text) => /^[A-Za-z0-9_-]{1,256}$/.test(text))) throw invalid('Invalid `tags` field.');
  }
  const attachments = ((body.attachments ?? []) as Record<string, unknown>[]).map((file) => {
    only(file, ['filename', 'content', 'content_type', 'content_id'], invalid);
    return {
      filename: String(file.filename),
      contentType: String(file.content_type),
      contentId: file.content_id as string | undefined,
      content: decoded(file.content, invalid),
    };
  });
  return {
    from: String(body.from),
    to: list(body.to),
    cc: list(body.cc),
    bcc: list(body.bcc),
    replyTo: list(body.reply_to),
    subject: String(body.subject),
    text: body.text as string | undefined,
    html: body.html as string | undefined,
    headers: (body.headers ?? {}) as Record<string, string>,
    tags: Object.fromEntries(tags.map(({ name, value }) => [name, value])),
    attachments,
  };
}
