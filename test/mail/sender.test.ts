import { describe, expect, it } from 'vitest';
import { formatSender, parseSender } from '../../src/mail/sender.ts';

describe('a sender', () => {
  it.each([
    ['Errand <errand@example.com>', 'Errand', 'errand@example.com', 'Errand <errand@example.com>'],
    ['errand@example.com', undefined, 'errand@example.com', 'errand@example.com'],
    ['<errand@example.com>', undefined, 'errand@example.com', 'errand@example.com'],
    ['"Acme, Inc." <a@example.com>', 'Acme, Inc.', 'a@example.com', '"Acme, Inc." <a@example.com>'],
    ['Acme, Inc. <a@example.com>', 'Acme, Inc.', 'a@example.com', '"Acme, Inc." <a@example.com>'],
    ['Acme Inc. <a@example.com>', 'Acme Inc.', 'a@example.com', '"Acme Inc." <a@example.com>'],
    ['Ops @ Acme (EU): <a@example.com>', 'Ops @ Acme (EU):', 'a@example.com', '"Ops @ Acme (EU):" <a@example.com>'],
    ['"The \\"Best\\"" <a@example.com>', 'The "Best"', 'a@example.com', '"The \\"Best\\"" <a@example.com>'],
    ['Käserei, Ä. <a@example.com>', 'Käserei, Ä.', 'a@example.com', '"Käserei, Ä." <a@example.com>'],
    ['Acme <a@bücher.example>', 'Acme', 'a@xn--bcher-kva.example', 'Acme <a@xn--bcher-kva.example>'],
  ])('written as %s is read as name and address, and written as a header', (from, name, address, header) => {
    expect(parseSender(from)).toEqual({ name, address });
    expect(formatSender({ name, address })).toBe(header);
    expect(parseSender(header)).toEqual({ name, address });
  });

  it.each([
    ['Errand', 'The address in MAIL_FROM must have one @.'],
    ['Errand <errand@localhost>', 'The address in MAIL_FROM must have a domain'],
    ['a\0b <errand@example.com>', 'The name in MAIL_FROM must not contain line breaks'],
  ])('written as %j is refused', (from, message) => {
    expect(() => parseSender(from)).toThrow(message);
  });
});
