// The memory of the fake mail API: which mails were accepted, under which key, how often. A mail counts as sent from the
// moment it is accepted, whether or not the caller ever hears of it.
import { type Answer, type Mail, refusal } from './resend-rules.ts';

/** Resend forgets an idempotency key after this long. */
const keyMemoryMs = 24 * 60 * 60 * 1000;

export interface Counts {
  /** All requests, of any outcome. */
  requests: number;
  /** The number, in order of arrival, of the newest request that got its 200: later ones were not answered yet. */
  newestAnswered: number;
  /** Mails accepted. */
  accepted: number;
  /** Different recipient + payload pairs among them: what really had to be sent. */
  distinct: number;
  /** Requests answered from memory: same key, same payload, nothing sent again. */
  repeats: number;
  /** Idempotency keys, and recipients, for which more than one mail was accepted. */
  acceptedTwicePerKey: number;
  acceptedTwicePerRecipient: number;
  /** 409 `invalid_idempotent_request` and `concurrent_idempotent_requests`. */
  conflicts: number;
  concurrent: number;
  /** Refused before anything else: 401, 403, 404, 405, 422. */
  refused: number;
  /** What was done to the caller on purpose. */
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

    /** Counts an arrival; the returned function is to be called when that request gets its 200. */
    arrive(): () => void {
      tally.requests++;
      const number = tally.requests;
      return () => {
        tally.newestAnswered = Math.max(tally.newestAnswered, number);
      };
    },

    /** What the memory says about a mail before it is accepted; undefined: nothing, so go on. */
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

    /** Marks the key as being worked on; the returned function ends that. */
    begin(mail: Mail): () => void {
      const { key } = mail;
      if (key === undefined) return () => {};
      inFlight.add(key);
      return () => void inFlight.delete(key);
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
