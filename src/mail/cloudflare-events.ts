// Events of Cloudflare Email Sending (https://developers.cloudflare.com/email-service/platform/event-subscriptions/): reads which
// address an event suppresses. Only the account itself can put messages into its queue, so they carry no signature.
import { z } from 'zod';
import { lazy } from '../lazy.ts';
import { ReportedAddress } from './address.ts';
import type { SuppressionReason, Verdict } from './store.ts';

const Reasoned = lazy(() => z.object({ reason: z.string().catch('') }));

const CloudflareEvent = lazy(() =>
  z.object({
    type: z.string(),
    source: z.object({ type: z.literal('email.sending') }),
    payload: z.object({
      recipient: ReportedAddress(),
      bounce: Reasoned().extend({ type: z.string() }).optional().catch(undefined),
      rejection: Reasoned()
        .extend({ detail: z.string().catch('') })
        .optional()
        .catch(undefined),
      complaint: z.object({ type: z.string() }).optional().catch(undefined),
    }),
    metadata: z.object({ eventTimestamp: z.string() }).optional().catch(undefined),
  }),
);

/**
 * Reads hard bounces, complaints, and rejections because the recipient is on Cloudflare's own suppression list. A soft bounce
 * suppresses no address, also when Cloudflare has stopped trying.
 */
export function readCloudflareEvent(event: unknown, now: number): Verdict {
  const parsed = CloudflareEvent().safeParse(event).data;
  if (!parsed) return {};
  const { type, payload, metadata } = parsed;
  const { recipient: address, bounce, rejection, complaint } = payload;
  const one = (reason: SuppressionReason, detail: string): Verdict => {
    const createdAt = Date.parse(metadata?.eventTimestamp ?? '') || now;
    return { suppress: { address, reason, detail: detail.slice(0, 500), provider: 'cloudflare', createdAt } };
  };
  switch (type) {
    case 'cf.email.sending.message.bounced':
      return bounce?.type === 'hard' ? one('bounce', bounce.reason) : {};
    case 'cf.email.sending.message.complained':
      return one('complaint', complaint?.type ?? type);
    case 'cf.email.sending.message.rejected':
      return rejection?.reason === 'suppressed' ? one('provider', rejection.detail) : {};
    default:
      return {};
  }
}
