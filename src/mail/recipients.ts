// The recipients of a mail: each address once, without suppressed addresses.
import { normaliseAddress } from './address.ts';
import type { Mail } from './mail.ts';
import { MailError } from './mail-error.ts';
import type { SuppressionReason } from './store.ts';

export interface Recipients {
  to: string[];
  cc: string[];
  bcc: string[];
}

/** Keeps the first mention of each address: SendGrid refuses a mail that names an address twice. */
export function recipientsOf({ to, cc = [], bcc = [] }: Mail): Recipients {
  const seen = new Set<string>();
  const fresh = (addresses: string | string[]) =>
    [addresses].flat().filter((address) => {
      const known = seen.has(normaliseAddress(address));
      seen.add(normaliseAddress(address));
      return !known;
    });
  return { to: fresh(to), cc: fresh(cc), bcc: fresh(bcc) };
}

/**
 * Splits off the suppressed recipients. A mail must keep a recipient in `to`: sending only its copies is not what the
 * caller asked for.
 * @throws MailError `suppressed` when no recipient in `to` is left
 */
export function withoutSuppressed(
  recipients: Recipients,
  suppressed: ReadonlyMap<string, SuppressionReason>,
): { recipients: Recipients; leftOut: string[] } {
  const kept = (addresses: string[]) => addresses.filter((address) => !suppressed.has(normaliseAddress(address)));
  const { to, cc, bcc } = recipients;
  const leftOut = [...to, ...cc, ...bcc].filter((address) => suppressed.has(normaliseAddress(address)));
  const left = { to: kept(to), cc: kept(cc), bcc: kept(bcc) };
  if (left.to.length === 0) {
    const [first = ''] = to;
    const unsubscribed = suppressed.get(normaliseAddress(first)) === 'unsubscribe';
    const subject = to.length === 1 ? `${first} is suppressed` : 'Every address in `to` is suppressed';
    const message = unsubscribed
      ? `${first} has unsubscribed from mail that is not transactional.`
      : `${subject}: earlier mail bounced or was reported as spam. Remove the suppression to send again.`;
    throw new MailError(message, { permanent: true, code: 'suppressed' });
  }
  return { recipients: left, leftOut };
}
