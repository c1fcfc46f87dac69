// A fake of Postmark's `POST /email` (https://postmarkapp.com/developer/api/email-api), with its errors
// (https://postmarkapp.com/developer/api/overview#error-codes).
import { type Answer, decoded, type FakeProvider, isAddress, only, Refusal, readFields, startFake } from './fake.ts';

export const POSTMARK_URL = 'https://postmark.test';

const FIELDS = [
  ...['From', 'To', 'Cc', 'Bcc', 'ReplyTo', 'Subject', 'TextBody', 'HtmlBody'],
  ...['Headers', 'Metadata', 'Attachments', 'MessageStream'],
];

export function postmarkError(status: number, ErrorCode: number, Message: string, headers?: Record<string, string>) {
  return { status, body: { ErrorCode, Message }, ...(headers && { headers }) } satisfies Answer;
}
const invalid = (message: string) => new Refusal(postmarkError(422, 300, message));

export function fakePostmark(): FakeProvider {
  return startFake({
    origin: POSTMARK_URL,
    accepted: (MessageID) => ({
      status: 200,
      body: { To: 'x', SubmittedAt: '2026-11-24T12:00:00Z', MessageID, ErrorCode: 0, Message: 'OK' },
    }),
    async read(request) {
      if (request.headers.get('x-postmark-server-token') !== 'pm_good') {
        const message = 'Request does not contain a valid Server token.';
        throw new Refusal(postmarkError(401, 10, message));
      }
      if (request.method !== 'POST' || new URL(request.url).pathname !== '/email') {
        throw new Refusal(postmarkError(404, 404, 'The requested resource does not exist.'));
      }
      if (!request.headers.get('accept')?.includes('application/json')) throw invalid('Accept: application/json');
      const body = await readFields(request, FIELDS, invalid);
      const list = (field: string) => {
        const value = body[field];
        if (value === undefined) return [];
        if (typeof value !== 'string') throw invalid(`'${field}' is not a string`);
        const addresses = value.split(',').map((part) => part.trim());
        if (!addresses.every(isAddress)) throw invalid(`Error parsing '${field}': Illegal email address`);
        return addresses;
      };
      const [to, cc, bcc] = [list('To'), list('Cc'), list('Bcc')];
      if (to.length === 0) throw invalid("Zero recipients specified: 'To'");
      if (to.length + cc.length + bcc.length > 50) throw invalid('A maximum of 50 recipients are allowed.');
      if (!body.From) throw invalid("Invalid 'From' address.");
      if (!body.TextBody && !body.HtmlBody) throw invalid('Provide either email TextBody or HtmlBody or both.');
      if (body.MessageStream !== 'outbound') throw new Refusal(postmarkError(422, 1235, 'The stream does not exist.'));
      const metadata = (body.Metadata ?? {}) as Record<string, string>;
      for (const [name, value] of Object.entries(metadata)) {
        if (name.length > 20 || value.length > 80) throw invalid(`Metadata '${name}' is too long`);
      }
      const headers = ((body.Headers ?? []) as { Name: string; Value: string }[]).map((header) => {
        only(header, ['Name', 'Value'], invalid);
        return [header.Name, header.Value] as const;
      });
      const attachments = ((body.Attachments ?? []) as Record<string, string>[]).map((file) => {
        only(file, ['Name', 'Content', 'ContentType', 'ContentID'], invalid);
        if (file.ContentID !== undefined && !file.ContentID.startsWith('cid:')) throw invalid('ContentID without cid:');
        return {
          filename: String(file.Name),
          contentType: String(file.ContentType),
          contentId: file.ContentID?.slice(4),
          content: decoded(file.Content, invalid),
        };
      });
      return {
        mail: {
          from: String(body.From),
          ...{ to, cc, bcc },
          replyTo: list('ReplyTo'),
          subject: String(body.Subject ?? ''),
          text: body.TextBody as string | undefined,
          html: body.HtmlBody as string | undefined,
          headers: Object.fromEntries(headers),
          tags: metadata,
          attachments,
        },
      };
    },
  });
}
