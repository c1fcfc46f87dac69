// The sender of all mails: read from MAIL_FROM, and written as a mail header wants it.
import { addressFault, sendable } from './address.ts';

export interface Sender {
  /** Its domain is ASCII. */
  address: string;
  name: string | undefined;
}

/**
 * Reads `Errand <errand@example.com>`, `"Errand, Inc." <errand@example.com>`, the same without quotes, or a bare address.
 * @throws an Error that says what MAIL_FROM must be
 */
export function parseSender(from: string): Sender {
  const [, written, bracketed] = from.match(/^\s*(.*?)\s*<([^<>]+)>\s*$/) ?? [];
  const address = (bracketed ?? from).trim();
  const fault = addressFault(address);
  if (fault !== undefined) throw new Error(`The address in MAIL_FROM ${fault}.`);
  const name = written?.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1') || undefined;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this refuses control characters
  if (name !== undefined && /[\u0000-\u001f\u007f]/.test(name))
    throw new Error('The name in MAIL_FROM must not contain line breaks or other control characters.');
  return { address: sendable(address), name };
}

/** The sender as a header. A name with a comma or another special character is quoted (RFC 5322, 3.2.3 and 3.2.4). */
export function formatSender({ address, name }: Sender): string {
  if (name === undefined) return address;
  const quoted = /[()<>[\]:;@\\,."]/.test(name) ? `"${name.replace(/["\\]/g, '\\$&')}"` : name;
  return `${quoted} <${address}>`;
}
