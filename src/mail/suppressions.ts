// Takes in what providers report about addresses, by webhook or by queue, and what recipients ask for. The functions for webhooks
// resolve to undefined when the request is not from the provider.
import { readCloudflareEvent } from './cloudflare-events.ts';
import { readPostmarkEvent, verifyPostmark } from './postmark-events.ts';
import { readResendEvent, verifyResend } from './resend-events.ts';
import { liftSuppression, suppress, type Verdict } from './store.ts';

export interface Report {
  /** The request body, byte for byte: the signature covers these bytes. */
  body: string;
  headers: Headers;
  now: number;
}

/** How many addresses the event asked to suppress and to release. */
export interface Noted {
  suppressed: number;
  lifted: number;
}

/** `secret`: RESEND_WEBHOOK_SECRET. */
export async function noteResendEvent(db: D1Database, report: Report, secret: string): Promise<Noted | undefined> {
  const event = verifyResend(report.body, report.headers, secret);
  return event === undefined ? undefined : note(db, readResendEvent(event, report.now));
}

/** `token`: POSTMARK_WEBHOOK_TOKEN. */
export async function notePostmarkEvent(db: D1Database, report: Report, token: string): Promise<Noted | undefined> {
  if (!(await verifyPostmark(report.headers, token))) return undefined;
  return note(db, readPostmarkEvent(parsed(report.body), report.now));
}

/** Seconds until the queue delivers an event again that could not be written. */
const REDELIVERY_SECONDS = 60;

/**
 * Takes a delivery of the queue that Cloudflare Email Sending puts its events into; undefined for a delivery of any other queue.
 * Never throws: a message that could not be written is delivered again. The queue may be renamed, except for its ending.
 */
export function takeCloudflareEvents(db: D1Database, batch: MessageBatch, now: number): Promise<void> | undefined {
  if (!/(^|-)bounces$/.test(batch.queue)) return undefined;
  return Promise.all(
    batch.messages.map((message) =>
      note(db, readCloudflareEvent(message.body, now)).then(
        () => message.ack(),
        () => message.retry({ delaySeconds: REDELIVERY_SECONDS }),
      ),
    ),
  ).then(() => {});
}

/** The owner of the address asked for no more mail that is not transactional. `now`: epoch milliseconds. */
export async function unsubscribe(db: D1Database, address: string, now: number): Promise<void> {
  await suppress(db, { address, reason: 'unsubscribe', detail: null, provider: 'errand', createdAt: now });
}

async function note(db: D1Database, verdict: Verdict): Promise<Noted> {
  if (verdict.suppress) await suppress(db, verdict.suppress);
  if (verdict.lift) await liftSuppression(db, verdict.lift);
  return { suppressed: verdict.suppress ? 1 : 0, lifted: verdict.lift ? 1 : 0 };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
