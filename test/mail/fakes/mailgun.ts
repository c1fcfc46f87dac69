// A fake of Mailgun's `POST /v3/{domain}/messages`:
// https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages.
import { type Answer, type FakeProvider, isAddress, Refusal, startFake } from './fake.ts';

export const MAILGUN_URL = 'https://mailgun.test';

export function mailgunError(status: number, message: string, headers?: Record<string, string>) {
  // A wrong API key is answered in plain text.
  return { status, body: status === 401 ? message : { message }, ...(headers && { headers }) } satisfies Answer;
}
const invalid = (message: string) => new Refusal(mailgunError(400, message));

export function fakeMailgun(): FakeProvider {
  return startFake({
    origin: MAILGUN_URL,
    accepted: (id) => ({ status: 200, body: { id: `<${id}@mg.example.com>`, message: 'Queued. Thank you.' } }),
    async read(request) {
      if (request.headers.get('authorization') !== `Basic ${btoa('api:mg_good')}`) {
        throw new Refusal({ status: 401, body: 'Forbidden' });
      }
      if (request.method !== 'POST' || new URL(request.url).pathname !== '/v3/mg.example.com/messages') {
        throw new Refusal(mailgunError(404, 'Domain not found: mg.example.com'));
      }
      if (!request.headers.get('content-type')?.startsWith('multipart/form-data; boundary=')) throw invalid('no form');
      const form = await request.formData();
      const fields = [...form.keys()];
      const known = /^(from|to|cc|bcc|subject|text|html|attachment|inline|h:[\w-]+|v:[\w-]+)$/;
      if (!fields.every((field) => known.test(field))) throw invalid(`unknown field among ${fields}`);
      const texts = (field: string) => form.getAll(field).map(String);
      const [to, cc, bcc] = [texts('to'), texts('cc'), texts('bcc')];
      if (to.length === 0) throw invalid('to parameter is missing');
      if (![...to, ...cc, ...bcc].every(isAddress)) throw invalid("'to' parameter is not a valid address.");
      if (!form.get('from')) throw invalid('from parameter is missing');
      if (!form.get('text') && !form.get('html')) throw invalid("Need at least one of 'text' or 'html' parameters");
      const options = fields.filter((field) => /^[hvo]:/.test(field));
      if (options.reduce((sum, field) => sum + field.length + texts(field).join().length, 0) > 16_384) {
        throw invalid('send options exceed 16 KB');
      }
      const files = async (field: string) =>
        Promise.all(
          (form.getAll(field) as unknown[] as File[]).map(async (file) => ({
            filename: file.name,
            contentType: file.type,
            contentId: field === 'inline' ? file.name : undefined,
            content: Array.from(new Uint8Array(await file.arrayBuffer()), (byte) => String.fromCharCode(byte)).join(''),
          })),
        );
      const prefixed = (prefix: string) =>
        Object.fromEntries(
          fields
            .filter((field) => field.startsWith(prefix) && field !== 'h:Reply-To')
            .map((field) => [field.slice(prefix.length), String(form.get(field))]),
        );
      return {
        mail: {
          from: String(form.get('from')),
          ...{ to, cc, bcc },
          replyTo: texts('h:Reply-To'),
          subject: String(form.get('subject')),
          text: (form.get('text') as string | null) ?? undefined,
          html: (form.get('html') as string | null) ?? undefined,
          headers: prefixed('h:'),
          tags: prefixed('v:'),
          attachments: [...(await files('attachment')), ...(await files('inline'))],
        },
      };
    },
  });
}
