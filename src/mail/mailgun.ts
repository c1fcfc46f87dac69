// Mailgun (https://documentation.mailgun.com/docs/mailgun/api-reference/send/mailgun/messages): a multipart form. It has no
// idempotency keys. Tags are sent as variables (v:<name>), which Mailgun's events repeat. The HTML refers to an inline file by
// its filename, so the filename of an inline file is its content id.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { MAX_WAIT_SECONDS, type MailError, mailErrorOf } from './mail-error.ts';
import { acceptedWithoutId, ask, type Letter, type MailProvider, under } from './provider.ts';
import { formatSender, type Sender } from './sender.ts';

export interface MailgunOptions {
  apiKey: string;
  baseUrl: string;
  domain: string;
  from: Sender;
}

const Accepted = lazy(() => z.object({ id: z.string().min(1) }));
const Refused = lazy(() => z.object({ message: z.string() }));

export function createMailgun({ apiKey, baseUrl, domain, from }: MailgunOptions): MailProvider {
  return {
    name: 'mailgun',
    remembersSeconds: 0,
    async send(letter, { signal, now }) {
      const response = await ask('mailgun', under(baseUrl, `/v3/${encodeURIComponent(domain)}/messages`), {
        method: 'POST',
        headers: { authorization: `Basic ${btoa(`api:${apiKey}`)}`, 'user-agent': 'errand' },
        body: formOf(from, letter),
        signal,
      });
      // When the API key is wrong, Mailgun answers in plain text.
      const answer = await response.text().catch(() => '');
      if (!response.ok) throw refusal(response, answer, now());
      const accepted = Accepted().safeParse(parsed(answer));
      if (!accepted.success) return acceptedWithoutId('mailgun', response, parsed(answer));
      return accepted.data.id;
    },
  };
}

function formOf(from: Sender, letter: Letter): FormData {
  const { to, cc, bcc, replyTo, subject, text, html, headers, tags, attachments } = letter;
  const form = new FormData();
  form.set('from', formatSender(from));
  for (const [field, addresses] of Object.entries({ to, cc, bcc })) {
    for (const address of addresses) form.append(field, address);
  }
  form.set('subject', subject);
  if (text !== undefined) form.set('text', text);
  if (html !== undefined) form.set('html', html);
  if (replyTo !== undefined) form.set('h:Reply-To', replyTo);
  for (const [name, value] of headers) form.set(`h:${name}`, value);
  for (const { name, value } of tags) form.set(`v:${name}`, value);
  for (const { filename, contentType, contentId, bytes } of attachments) {
    const file = new File([bytes as Uint8Array<ArrayBuffer>], contentId ?? filename, { type: contentType });
    form.append(contentId === undefined ? 'attachment' : 'inline', file);
  }
  return form;
}

/** Mailgun writes how long to wait into its message: "limit exceeded, try again after 120 seconds". */
function refusal(response: Response, answer: string, now: number): MailError {
  const message = Refused().safeParse(parsed(answer)).data?.message ?? answer;
  const seconds = message.match(/\btry again after (\d+) seconds?\b/)?.[1];
  const written = seconds !== undefined && !response.headers.has('retry-after');
  return mailErrorOf('mailgun', response, message, now, {
    ...(written && { retryAfterSeconds: Math.min(Number(seconds), MAX_WAIT_SECONDS) }),
  });
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
