// Every mail that is made here: text from users must never become markup, and the HTML must suit mail clients.
import { describe, expect, it } from 'vitest';
import { digestMail, MailSchema, type Rendered, welcomeMail } from '../../../src/mail/index.ts';
import { aDigest, aHugeDigest, anEmptyDigest, HOSTILE, UNTIL } from './digests.ts';

const ALL: [string, Rendered][] = [
  ['welcome', welcomeMail({ email: 'ada@example.com' })],
  ['welcome to a hostile address', welcomeMail({ email: HOSTILE })],
  ['digest', digestMail(aDigest())],
  ['empty digest', digestMail(anEmptyDigest())],
  [
    'digest of hostile data',
    digestMail(
      aDigest({
        email: HOSTILE,
        byName: [{ name: HOSTILE, succeeded: 1, failed: 1 }],
        failures: [{ task_id: HOSTILE, name: HOSTILE, message: `${HOSTILE}\r\n\0${HOSTILE}`, at: UNTIL }],
      }),
    ),
  ],
  ['huge digest', digestMail(aHugeDigest())],
];

describe.each(ALL)('the %s', (_, mail) => {
  it('is accepted as a mail', () => {
    expect(MailSchema().safeParse({ to: 'ada@example.com', ...mail }).error).toBeUndefined();
    expect(mail.subject.length).toBeLessThan(80);
  });

  it('runs no script, loads nothing, and has no link but the one to unsubscribe', async () => {
    const elements: string[] = [];
    const attributes: string[] = [];
    const rewriter = new HTMLRewriter().on('*', {
      element(element) {
        elements.push(element.tagName);
        attributes.push(...[...element.attributes].map(([attribute = '', value = '']) => `${attribute}=${value}`));
      },
    });
    await rewriter.transform(new Response(mail.html)).text();

    expect(elements.length).toBeGreaterThan(10);
    const links = mail.transactional === false ? ['href={{unsubscribe_url}}'] : [];
    expect(elements.filter((name) => /^(script|img|link|iframe|form|input|object|svg|base)$/.test(name))).toEqual([]);
    expect(elements.filter((name) => name === 'a')).toHaveLength(links.length);
    expect(attributes.filter((attribute) => /^(on|src|href|background=http)/i.test(attribute))).toEqual(links);
    expect(mail.html).not.toMatch(/url\(|@import|expression\(/i);
  });

  it('is laid out by tables, at most 600 pixels wide, with inline colours and a dark mode', () => {
    expect(mail.html).toMatch(/^<!doctype html>/);
    expect(mail.html).toContain('max-width:600px');
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(mail.html).toContain('prefers-color-scheme:dark');
    expect(mail.html).not.toMatch(/<(?:td|p|h1|h2|div)(?![^>]*style=)[^>]*class=/);
    expect(mail.html).not.toMatch(/display:\s*(?:flex|grid)|position:/);
  });

  it('is small enough not to be cut by mail clients, and its lines are short enough for a mail', () => {
    const bytes = new TextEncoder().encode(mail.html).byteLength;

    expect(bytes).toBeLessThan(102_000);
    expect(Math.max(...mail.text.split('\n').map((line) => line.length))).toBeLessThan(998);
  });

  it('has a plain text without markup and control characters', () => {
    expect(mail.text).not.toMatch(/<(?:p|table|td|html)\b/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    expect(mail.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });
});
