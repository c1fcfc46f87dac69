// Records the mails that the fake mail API accepts, with their idempotency keys. An accepted mail counts as sent, even if the
// caller gets no reply.
import { type Answer, type Mail, refusal } from './resend-rules.ts';

/** Resend keeps an idempotency key for 24 hours. */
const keyMemoryMs = 24 * 60 * 60 * 1000;

export interface Counts {
  /** All requests. */
  requests: number;
  /** The arrival number of the newest request that was answered with 200. */
  newestAnswered: number;
  /** Mails accepted. */
  accepted: number;
  /** Accepted mails that differ in recipients or payload. */
  distinct: number;
  /** Requests with a known idempotency key and the same payload. They send nothing again. */
  repeats: number;
  /** Idempotency keys and recipients with more than one accepted mail. */
  acceptedTwicePerKey: number;
  acceptedTwicePerRecipient: number;
  /** Replies 409 with `invalid_idempotent_request` and with `concurrent_idempotent_requests`. */
  conflicts: number;
  concurrent: number;
  /** Malformed requests: 401, 403, 404, 405, 422. */
  refused: number;
  /** Faults made on purpose. */
  faults: { error500: number; error429: number; slow: number; reset: number };
}

export function createLedger(now: () => number = Date.now) {
  const byKey = new Map<string, { id: string; payload: string; at: number }>();
  const inFlight = new Set<string>();
  const perKey = new Map<string, number>();
  const perRecipient = new Map<string, number>();
  const distinct = new Set<string>();
  const faults = { error500: 0, error429: 0, slow: 0, reset: 0 };
  const tally = { requests: 0, newestAnswered: 0, accepted: 0, repeats: 0, conflicts: 0, concurrent: 0, refused: 0 };

  return {
    tally,
    faults,

    /** Counts a request. Call the returned function when the request is answered with 200. */
    arrive(): () => void {
      tally.requests++;
      const number = tally.requests;
      return () => {
        tally.newestAnswered = Math.max(tally.newestAnswered, number);
      };
    },

    /** The reply for a known idempotency key, or undefined if the mail can be accepted. */
    recall(mail: Mail): Answer | undefined {
      if (mail.key === undefined) return undefined;
      const known = byKey.get(mail.key);
      if (known && now() - known.at < keyMemoryMs) {
        if (known.payload === mail.payload) {
          tally.repeats++;
          return { status: 200, body: { id: known.id } };
        }
        tally.conflicts++;
        const message = 'Same idempotency key used with a different request payload.';
        return refusal(409, 'invalid_idempotent_request', message);
      }
      if (inFlight.has(mail.key)) {
        tally.concurrent++;
        const message = 'Same idempotency key used while original request is still in progress.';
        return refusal(409, 'concurrent_idempotent_requests', message);
      }
      return undefined;
    },

    /** Marks the idempotency key as in flight until the returned function is called. */
    begin(mail: Mail): () => void {
      const { key: idempotencyKey } = mail;
      if (idempotencyKey === undefined) return () => {};
      inFlight.add(idempotencyKey);
      return () => void inFlight.delete(idempotencyKey);
    },

    accept(mail: Mail): Answer {
      const id = crypto.randomUUID();
      tally.accepted++;
      distinct.add(`${mail.recipients.join(',')}\n${mail.payload}`);
      for (const recipient of mail.recipients) perRecipient.set(recipient, (perRecipient.get(recipient) ?? 0) + 1);
      if (mail.key !== undefined) {
        perKey.set(mail.key, (perKey.get(mail.key) ?? 0) + 1);
        byKey.set(mail.key, { id, payload: mail.payload, at: now() });
      }
      return { status: 200, body: { id } };
    },

    counts(): Counts {
      return {
        ...tally,
        distinct: distinct.size,
        acceptedTwicePerKey: [...perKey.values()].filter((times) => times > 1).length,
        acceptedTwicePerRecipient: [...perRecipient.values()].filter((times) => times > 1).length,
        faults: { ...faults },
      };
    },
  };
}
