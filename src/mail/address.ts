// E-mail addresses: which texts Errand takes as one, and the form in which it sends and compares them. Registration, mails, the
// digest, suppressions and MAIL_FROM must all use this file, so that an address that one of them takes is taken by all.
import { z } from 'zod';
import { lazy } from '../lazy.ts';

/** The longest address that SMTP can carry, with its domain in ASCII: RFC 3696, erratum 1690. */
const MAX_ADDRESS_CHARACTERS = 254;
const TOO_LONG = `must have at most ${MAX_ADDRESS_CHARACTERS} characters, counted with its domain in punycode`;
/** RFC 5321, 4.5.3.1.1. */
const MAX_LOCAL_CHARACTERS = 64;
/** RFC 1035, 2.3.4. */
const MAX_DOMAIN_CHARACTERS = 253;

/** A display name and an address. */
const MAX_REPORTED_CHARACTERS = 1000;

/** What RFC 5321 allows before the @ without quotes: a dot-string. */
const ATOM = "[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+";
const LOCAL = new RegExp(`^${ATOM}(?:\\.${ATOM})*$`);
/** At least two labels. The last one is a top-level domain: letters, or punycode. */
const DOMAIN = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+(?:[a-z]{2,63}|xn--[a-z0-9-]{0,58}[a-z0-9])$/;

/** What Errand refuses although RFC 5322 allows it, and the signs of more than one bare address. In the order of the checks. */
const REFUSED: [sign: RegExp, message: string][] = [
  [/^$/, 'must not be empty'],
  [/"/, 'must not have a quoted part: Errand sends to unquoted addresses only'],
  [/[()]/, 'must not have a comment in parentheses'],
  [/[<>]/, 'must be the address alone, without a name and without angle brackets'],
  [/[,;]/, 'must be one address, without commas and semicolons'],
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this refuses control characters
  [/[\s\u0000-\u001f\u007f]/, 'must not contain spaces, line breaks or other control characters'],
  [/^[^@]*$|@.*@/, 'must have one @'],
];

/**
 * An address as a caller gives it; spaces around it are dropped. The local part is kept as it is. The domain becomes lower case
 * and ASCII (punycode), the only form that every provider takes.
 */
export const AddressSchema = z
  .string()
  .trim()
  .superRefine((text, context) => {
    const message = addressFault(text);
    if (message !== undefined) context.addIssue({ code: 'custom', message });
  })
  .overwrite(sendable)
  .meta({
    format: 'email',
    maxLength: MAX_ADDRESS_CHARACTERS,
    description: 'The domain may also be Unicode; it is stored and sent in punycode',
  });

/** An address in a provider's report, with or without a display name. It becomes the form in which addresses are compared. */
export const ReportedAddress = lazy(() =>
  z.string().max(MAX_REPORTED_CHARACTERS).overwrite(normaliseAddress).min(3).max(MAX_ADDRESS_CHARACTERS),
);

/** Why the text is not an address that Errand takes, as the end of a sentence ("must …"); undefined when it is one. */
export function addressFault(text: string): string | undefined {
  if (text.length > MAX_ADDRESS_CHARACTERS) return TOO_LONG;
  const refused = REFUSED.find(([sign]) => sign.test(text));
  if (refused) return refused[1];
  const { local, domain } = split(text);
  if (local === '') return 'must have a part before the @';
  if (local.length > MAX_LOCAL_CHARACTERS) return `must have at most ${MAX_LOCAL_CHARACTERS} characters before the @`;
  if (/[^ -~]/.test(local)) return 'must have only ASCII characters before the @: most mail providers refuse others';
  if (/^\.|\.\.|\.$/.test(local)) return 'must not have a dot at the start, at the end or twice in a row before the @';
  if (!LOCAL.test(local))
    return "must have only letters, digits and . ! # $ % & ' * + - / = ? ^ _ ` { | } ~ before the @";
  if (domain.startsWith('[')) return 'must have a domain after the @, not the address of a host';
  const ascii = asciiDomain(domain);
  if (ascii === undefined || !DOMAIN.test(ascii) || ascii.length > MAX_DOMAIN_CHARACTERS)
    return 'must have a domain such as example.com after the @';
  if (local.length + 1 + ascii.length > MAX_ADDRESS_CHARACTERS) return TOO_LONG;
  return undefined;
}

/**
 * The form in which addresses are stored and compared: the bare address in lower case, with its domain in ASCII. Two spellings
 * that differ in case are one address, although a domain may tell them apart. It also takes what providers report: an address
 * with a display name or a comment (`"Lovelace, Ada" <ada@example.com>`). It never fails.
 */
export function normaliseAddress(text: string): string {
  const uncommented = text.replace(/\s*\([^()]*\)\s*$/, '');
  const bare = uncommented.match(/<([^<>]*)>\s*$/)?.[1] ?? uncommented;
  return sendable(bare.trim()).toLowerCase();
}

/** The same address with its domain in ASCII. A text that is no address stays as it is. */
export function sendable(address: string): string {
  const { local, domain } = split(address);
  const ascii = asciiDomain(domain);
  return ascii === undefined ? address : `${local}@${ascii}`;
}

function split(address: string): { local: string; domain: string } {
  const at = address.lastIndexOf('@');
  return at < 0 ? { local: '', domain: '' } : { local: address.slice(0, at), domain: address.slice(at + 1) };
}

/** The domain in lower case and punycode, as the URL Standard maps it (UTS 46); undefined when it cannot be a domain. */
function asciiDomain(domain: string): string | undefined {
  // Of the ASCII characters, only these may be in a domain; others could end the host in a URL.
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this refuses control characters
  if (domain === '' || /[\u0000-\u007f]/.test(domain.replace(/[A-Za-z0-9.-]/g, ''))) return undefined;
  return URL.parse(`http://${domain}/`)?.hostname;
}
