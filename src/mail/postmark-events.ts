// Postmark's webhooks (https://postmarkapp.com/developer/webhooks/webhooks-overview). They are not signed. They carry what the
// operator configured together with their URL: a name and a password, or a header.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { ReportedAddress } from './address.ts';
import type { SuppressionReason, Verdict } from './store.ts';

const PostmarkEvent = lazy(() =>
  z.object({
    RecordType: z.string(),
    Type: z.string().optional().catch(undefined),
    Email: ReportedAddress().optional().catch(undefined),
    Recipient: ReportedAddress().optional().catch(undefined),
    Description: z.string().catch(''),
    Details: z.string().catch(''),
    BouncedAt: z.string().catch(''),
    ChangedAt: z.string().catch(''),
    SuppressSending: z.boolean().optional().catch(undefined),
    SuppressionReason: z.string().nullish().catch(undefined),
  }),
);

const RECORDS = ['Bounce', 'SpamComplaint', 'SubscriptionChange'];
/** The kinds of bounces and of list changes that suppress an address. An unsubscription holds for one message stream only. */
const HARD = new Map<string, SuppressionReason>([
  ['HardBounce', 'bounce'],
  ['BadEmailAddress', 'bounce'],
  ['SpamComplaint', 'complaint'],
]);

/** True if the token is the password of Basic authentication or the header `x-webhook-token`. Compares in constant time. */
export async function verifyPostmark(headers: Headers, token: string): Promise<boolean> {
  const basic = headers.get('authorization')?.match(/^Basic +([A-Za-z0-9+/=]+)$/i)?.[1];
  const given = headers.get('x-webhook-token') ?? passwordOf(basic);
  if (given === undefined) return false;
  // timingSafeEqual needs inputs of equal length, and digests have one length.
  const [left, right] = await Promise.all([given, token].map(digest));
  return crypto.subtle.timingSafeEqual(left as ArrayBuffer, right as ArrayBuffer);
}

/** Reads hard bounces, spam complaints, and changes of Postmark's own suppression list that come from either. */
export function readPostmarkEvent(event: unknown, now: number): Verdict {
  const parsed = PostmarkEvent().safeParse(event).data;
  if (!parsed || !RECORDS.includes(parsed.RecordType)) return {};
  const change = parsed.RecordType === 'SubscriptionChange';
  const address = change ? parsed.Recipient : parsed.Email;
  if (!address) return {};
  const at = Date.parse(change ? parsed.ChangedAt : parsed.BouncedAt) || now;
  if (change && parsed.SuppressSending === false) {
    return { lift: { address, liftedAt: at, provider: 'postmark' } };
  }
  const kind = change ? parsed.SuppressionReason : (parsed.Type ?? parsed.RecordType);
  const reason = HARD.get(kind ?? '');
  if (!reason) return {};
  const detail = `${kind}: ${parsed.Details || parsed.Description}`.slice(0, 500);
  return { suppress: { address, reason, detail, provider: 'postmark', createdAt: at } };
}

function passwordOf(basic: string | undefined): string | undefined {
  try {
    return basic === undefined ? undefined : atob(basic).split(':').slice(1).join(':');
  } catch {
    return undefined;
  }
}

function digest(text: string): Promise<ArrayBuffer> {
  return crypto.subtle.digest('SHA-256', new TextEncoder().encode(text));
}
