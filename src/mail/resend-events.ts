// Resend's webhooks (https://resend.com/docs/webhooks/event-types): checks their signature, and reads which address an event
// suppresses or releases. They are signed as Standard Webhooks; the headers begin with `svix-`.
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { ReportedAddress } from './address.ts';
import type { SuppressionReason, Verdict } from './store.ts';

const ResendEvent = lazy(() => z.object({ type: z.string(), created_at: z.string().catch(''), data: z.unknown() }));
const About = lazy(() =>
  z.object({
    to: z.array(ReportedAddress()).catch([]),
    email: ReportedAddress().optional().catch(undefined),
    origin: z.string().optional().catch(undefined),
    bounce: z.object({ type: z.string(), subType: z.string().catch(''), message: z.string().catch('') }).optional(),
    suppressed: z
      .object({ message: z.string().catch(''), reason: z.string().optional().catch(undefined) })
      .optional()
      .catch(undefined),
  }),
);

const REASONS = new Map<string, SuppressionReason>([
  ['bounce', 'bounce'],
  ['complaint', 'complaint'],
  ['previous_bounce', 'bounce'],
  ['previous_complaint', 'complaint'],
]);

const reasonOf = (word: string | undefined): SuppressionReason => REASONS.get(word ?? '') ?? 'provider';

/** The event, if the secret signed it within the last five minutes; otherwise undefined. */
export function verifyResend(body: string, headers: Headers, secret: string): unknown {
  const signed = Object.fromEntries(
    ['id', 'timestamp', 'signature'].map((name) => [
      `webhook-${name}`,
      headers.get(`svix-${name}`) ?? headers.get(`webhook-${name}`) ?? '',
    ]),
  );
  try {
    return new Webhook(secret).verify(body, signed);
  } catch {
    return undefined;
  }
}

/**
 * Reads an event. Only a permanent bounce suppresses. An event about a mail to several recipients lists all of them and does
 * not say which one it means, so it suppresses none; a later `suppression.added` names the one.
 */
export function readResendEvent(event: unknown, now: number): Verdict {
  const parsed = ResendEvent().safeParse(event).data;
  const about = About().safeParse(parsed?.data).data;
  if (!parsed || !about) return {};
  const at = Date.parse(parsed.created_at) || now;
  const one = (address: string | undefined, reason: SuppressionReason, detail: string): Verdict =>
    address === undefined
      ? {}
      : {
          suppress: {
            address,
            reason,
            detail: detail.slice(0, 500),
            provider: 'resend',
            createdAt: at,
          },
        };
  const only = about.to.length === 1 ? about.to[0] : undefined;
  switch (parsed.type) {
    case 'email.bounced':
      if (about.bounce?.type !== 'Permanent') return {};
      return one(only, 'bounce', `${about.bounce.subType}: ${about.bounce.message}`);
    case 'email.complained':
      return one(only, 'complaint', parsed.type);
    case 'email.suppressed':
      return one(only, reasonOf(about.suppressed?.reason), about.suppressed?.message || parsed.type);
    case 'suppression.added':
      return one(about.email, reasonOf(about.origin), `${parsed.type}: ${about.origin ?? ''}`);
    case 'suppression.removed':
      if (about.email === undefined) return {};
      return { lift: { address: about.email, liftedAt: at, provider: 'resend' } };
    default:
      return {};
  }
}
