// Cloudflare Email Service, through a `send_email` binding
// (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/). It has no idempotency keys and takes no
// AbortSignal. It has no tags either: they are sent as headers, X-Tag-<name>. `wrangler dev` writes the mail to a file.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { MailError } from './mail-error.ts';
import type { Letter, MailProvider } from './provider.ts';
import type { Sender } from './sender.ts';

export interface CloudflareOptions {
  binding: SendEmail;
  from: Sender;
}

const Accepted = lazy(() => z.object({ messageId: z.string().min(1) }));

/** Refusals that may end by themselves, and the seconds to wait; undefined: the usual backoff is long enough. */
const PASSING: Record<string, number | undefined> = {
  E_RATE_LIMIT_EXCEEDED: undefined,
  E_DAILY_LIMIT_EXCEEDED: 3600,
};
/** After these errors it is not known whether the mail was accepted. */
const UNCLEAR = new Set(['E_INTERNAL_SERVER_ERROR', 'E_DELIVERY_FAILED']);

export function createCloudflare({ binding, from }: CloudflareOptions): MailProvider {
  return {
    name: 'cloudflare',
    remembersSeconds: 0,
    async send(letter, { signal }) {
      const sent = await untilAborted(() => binding.send(messageOf(from, letter)), signal).catch((error: unknown) => {
        throw refusal(error);
      });
      return Accepted().safeParse(sent).data?.messageId ?? '';
    },
  };
}

function messageOf(from: Sender, letter: Letter): EmailMessageBuilder {
  const { to, cc, bcc, replyTo, subject, text, html, headers, tags, attachments } = letter;
  const { address, name } = from;
  const tagged = tags.map((tag) => [`X-Tag-${tag.name}`, tag.value]);
  return {
    from: name === undefined ? address : { email: address, name },
    to,
    ...(cc.length > 0 && { cc }),
    ...(bcc.length > 0 && { bcc }),
    ...(replyTo !== undefined && { replyTo }),
    subject,
    ...(text !== undefined && { text }),
    ...(html !== undefined && { html }),
    ...(headers.length + tags.length > 0 && { headers: Object.fromEntries([...headers, ...tagged]) }),
    ...(attachments.length > 0 && {
      attachments: attachments.map(({ filename, contentType, contentId, bytes }) => {
        const file = { filename, type: contentType, content: bytes };
        return contentId === undefined
          ? { ...file, disposition: 'attachment' as const }
          : { ...file, disposition: 'inline' as const, contentId };
      }),
    }),
  };
}

function refusal(error: unknown): MailError {
  const { code = '', message = '' } = error as { code?: string; message?: string };
  const detail = `cloudflare refused the mail: ${code} ${message}`.trim().slice(0, 300);
  if (code in PASSING) {
    return new MailError(detail, { permanent: false, retryAfterSeconds: PASSING[code], cause: error });
  }
  if (!code.startsWith('E_') || UNCLEAR.has(code)) {
    const fault = code !== 'E_DELIVERY_FAILED';
    return new MailError(detail, { permanent: false, unclear: true, fault, cause: error });
  }
  const suppressed = code === 'E_RECIPIENT_SUPPRESSED' ? 'suppressed' : undefined;
  return new MailError(detail, { permanent: true, code: suppressed, cause: error });
}

/** The binding takes no signal. A call that is given up may still succeed, and its result is then lost. */
async function untilAborted<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  return Promise.race([work(), aborted]);
}
