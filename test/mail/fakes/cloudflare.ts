// A fake of the `send_email` binding (https://developers.cloudflare.com/email-service/api/send-emails/workers-api/), with
// its error codes and its rules for headers (https://developers.cloudflare.com/email-service/reference/headers/).
import { type Arrived, type FakeProvider, isAddress, type Turn } from './fake.ts';

export interface FakeBinding extends FakeProvider<EmailMessageBuilder> {
  binding: SendEmail;
}

const FIELDS = ['from', 'to', 'cc', 'bcc', 'replyTo', 'subject', 'text', 'html', 'headers', 'attachments'];
const LISTED = /^(X-[\w-]{1,98}|In-Reply-To|References|List-[A-Za-z-]+|Precedence|Auto-Submitted|Importance)$/i;

/** An error of the binding: an Error with a code. */
export function emailError(code: string, message: string): Error {
  return Object.assign(new Error(message), { code });
}

/** A binding gives no HTTP answers, so an answer among the turns means the error whose code and message are its body. */
export function fakeCloudflare(): FakeBinding {
  const turns: Turn[] = [];
  const accepted: Arrived[] = [];
  const requests: EmailMessageBuilder[] = [];
  const send = async (message: EmailMessageBuilder): Promise<EmailSendResult> => {
    requests.push(message);
    const turn = turns.shift();
    if (turn === 'reset') throw new TypeError('Network connection lost.');
    if (turn === 'hang') return new Promise(() => {});
    if (typeof turn === 'object') {
      const { code, message: why } = turn.body as { code: string; message: string };
      throw emailError(code, why);
    }
    accepted.push(arrived(message));
    if (turn === 'reset after accepting') throw new TypeError('Network connection lost.');
    return (turn === 'no id' ? {} : { messageId: `<${crypto.randomUUID()}@example.com>` }) as EmailSendResult;
  };
  return {
    accepted,
    requests,
    next: (...more) => turns.push(...more),
    forget: () => {},
    binding: { send } as SendEmail,
  };
}

function arrived(message: EmailMessageBuilder): Arrived {
  const unknown = Object.keys(message).filter((field) => !FIELDS.includes(field));
  if (unknown.length > 0) throw emailError('E_VALIDATION_ERROR', `unknown fields: ${unknown}`);
  const list = (value: unknown) => (value === undefined ? [] : ([value].flat() as string[]));
  const [to, cc, bcc] = [list(message.to), list(message.cc), list(message.bcc)];
  const recipients = [...to, ...cc, ...bcc];
  if (!recipients.every(isAddress)) throw emailError('E_VALIDATION_ERROR', 'invalid email format');
  if (recipients.length > 50) throw emailError('E_TOO_MANY_RECIPIENTS', 'more than 50');
  if (!message.text && !message.html) throw emailError('E_FIELD_MISSING', 'text or html');
  const headers = message.headers ?? {};
  for (const [name, value] of Object.entries(headers)) {
    if (!LISTED.test(name)) throw emailError('E_HEADER_NOT_ALLOWED', `Header '${name}' is not allowed.`);
    if (value === '') throw emailError('E_HEADER_VALUE_INVALID', name);
  }
  const plain = Object.entries(headers).filter(([name]) => !name.startsWith('X-Tag-'));
  const tags = Object.entries(headers).flatMap(([name, value]) =>
    name.startsWith('X-Tag-') ? [[name.slice(6), value]] : [],
  );
  const { from } = message;
  return {
    from: typeof from === 'string' ? from : `${from.name} <${from.email}>`,
    ...{ to, cc, bcc },
    replyTo: list(message.replyTo),
    subject: message.subject,
    text: message.text,
    html: message.html,
    headers: Object.fromEntries(plain),
    tags: Object.fromEntries(tags) as Record<string, string>,
    attachments: (message.attachments ?? []).map(({ filename, type, contentId, content, disposition }) => {
      if ((disposition === 'inline') !== (contentId !== undefined)) throw emailError('E_VALIDATION_ERROR', 'inline');
      const bytes = content as Uint8Array;
      return { filename, contentType: type, contentId, content: String.fromCharCode(...bytes) };
    }),
  };
}
