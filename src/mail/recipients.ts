// Who gets a mail: each address once, suppressed ones left out.
import type { Mail } from './mail.ts';
import { MailError } from './mail-error.ts';

export interface Recipients {
  to: string[];
  cc: string[];
  bcc: string[];
}

/** Addresses are compared in lower case, whatever their domain makes of letters. */
export function normalise(address: string): string {
  return address.trim().toLowerCase();
}

/** An address stands where it is named first: SendGrid refuses a mail that names one twice. */
export function recipientsOf({ to, cc = [], bcc = [] }: Mail): Recipients {
  const seen = new Set<string>();
  const fresh = (addresses: string | string[]) =>
    [addresses].flat().filter((address) => {
      const known = seen.has(normalise(address));
      seen.add(normalise(address));
      return !known;
    });
  return { to: fresh(to), cc: fresh(cc), bcc: fresh(bcc) };
}

/**
 * The recipients without the suppressed ones, and who was left out. Throws MailError `suppressed` when nobody is left in
 * `to`: a copy alone is not the mail that was meant.
 */
export function withoutSuppressed(
  recipients: Recipients,
  suppressed: ReadonlySet<string>,
): { recipients: Recipients; leftOut: string[] } {
  const kept = (addresses: string[]) => addresses.filter((address) => !suppressed.has(normalise(address)));
  const { to, cc, bcc } = recipients;
  const leftOut = [...to, ...cc, ...bcc].filter((address) => suppressed.has(normalise(address)));
  const left = { to: kept(to), cc: kept(cc), bcc: kept(bcc) };
  if (left.to.length === 0) {
    const who = to.length === 1 ? `${to[0]} is suppressed` : 'every address in `to` is suppressed';
    throw new MailError(`${who}: mail to it bounced, or was called spam`, { permanent: true, code: 'suppressed' });
  }
  return { recipients: left, leftOut };
}
