// The mails that are made here: nothing a user wrote comes alive in them, and they hold to what mail clients can do.
import { describe, expect, it } from 'vitest';
import { type DigestData, digestMail, MailSchema, type Rendered, welcomeMail } from '../../../src/mail/index.ts';

const WEEK = 7 * 86_400_000;
const UNTIL = Date.UTC(2026, 10, 23, 9);
const HOSTILE = `<script>alert("1")</script>'"&<img src=x onerror=alert(1)>`;

const aDigest = (data: Partial<DigestData> = {}): DigestData => ({
  email: 'ada@example.com',
  since: UNTIL - WEEK,
  until: UNTIL,
  counts: { succeeded: 1234, failed: 2, revoked: 1 },
  byName: [
    { name: 'email.send', succeeded: 1200, failed: 0 },
    { name: 'image.thumbnail', succeeded: 34, failed: 2 },
  ],
  failures: [
    { task_id: '0190-b', name: 'image.thumbnail', message: 'the picture is damaged', at: UNTIL - 3_600_000 },
    { task_id: '0190-a', name: 'image.thumbnail', message: 'there is no file', at: UNTIL - 7_200_000 },
  ],
  ...data,
});

const ALL: [string, Rendered][] = [
  ['welcome', welcomeMail({ email: 'ada@example.com' })],
  ['welcome to a hostile address', welcomeMail({ email: HOSTILE })],
  ['digest', digestMail(aDigest())],
  ['empty digest', digestMail(aDigest({ counts: { succeeded: 0, failed: 0, revoked: 0 }, byName: [], failures: [] }))],
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
  [
    'huge digest',
    digestMail(
      aDigest({
        counts: { succeeded: 5_000_000, failed: 100_000, revoked: 3 },
        byName: Array.from({ length: 500 }, (_, n) => ({ name: `task.number_${n}`, succeeded: n, failed: n })),
        failures: Array.from({ length: 5000 }, (_, n) => ({
          ...{ task_id: `id-${n}`, name: 'a.b', at: UNTIL },
          message: 'x'.repeat(5000),
        })),
      }),
    ),
  ],
];

describe.each(ALL)('the %s', (_, mail) => {
  it('is a mail that can be sent', () => {
    expect(MailSchema.safeParse({ to: 'ada@example.com', ...mail }).error).toBeUndefined();
    expect(mail.subject.length).toBeLessThan(80);
  });

  it('runs nothing and loads nothing', async () => {
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
    expect(elements.filter((name) => /^(script|img|link|iframe|form|input|object|svg|a|base)$/.test(name))).toEqual([]);
    expect(attributes.filter((attribute) => /^(on|src|href|background=http)/i.test(attribute))).toEqual([]);
    expect(mail.html).not.toMatch(/url\(|@import|expression\(/i);
  });

  it('is laid out by tables, 600 pixels wide at most, with its colours inline and a dark side', () => {
    expect(mail.html).toMatch(/^<!doctype html>/);
    expect(mail.html).toContain('max-width:600px');
    expect(mail.html).toContain('<meta name="color-scheme" content="light dark">');
    expect(mail.html).toContain('prefers-color-scheme:dark');
    expect(mail.html).not.toMatch(/<(?:td|p|h1|h2|div)(?![^>]*style=)[^>]*class=/);
    expect(mail.html).not.toMatch(/display:\s*(?:flex|grid)|position:/);
  });

  it('is small enough not to be clipped, in lines that a mail may have', () => {
    const bytes = new TextEncoder().encode(mail.html).byteLength;

    expect(bytes).toBeLessThan(102_000);
    expect(Math.max(...mail.text.split('\n').map((line) => line.length))).toBeLessThan(998);
  });

  it('says the same as plain text, without markup or control characters', () => {
    expect(mail.text).not.toMatch(/<(?:p|table|td|html)\b/);
    // biome-ignore lint/suspicious/noControlCharactersInRegex: there must be none
    expect(mail.text).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  });
});

describe('the welcome mail', () => {
  it('names the address, in both parts', () => {
    const { text, html } = welcomeMail({ email: 'ada+1@example.com' });

    expect(text).toContain('ada+1@example.com');
    expect(html).toContain('ada+1@example.com');
  });

  it('shows what a user wrote as they wrote it', () => {
    expect(welcomeMail({ email: '<script>' }).html).toContain('<strong>&lt;script&gt;</strong>');
  });
});

describe('the digest', () => {
  it('has every number in both parts', () => {
    const { subject, text, html } = digestMail(aDigest());

    expect(subject).toBe('Your tasks, Nov 16 – Nov 23: 2 failed');
    expect(text).toContain('1,234 succeeded, 2 failed, 1 revoked.');
    expect(text).toContain('- image.thumbnail: 34 succeeded, 2 failed');
    expect(text).toContain('- image.thumbnail, 23 Nov, 08:00 UTC: the picture is damaged\n  0190-b');
    for (const part of ['1,234', '1,200', 'image.thumbnail', 'the picture is damaged', '23 Nov, 08:00 UTC', '0190-a']) {
      expect(html).toContain(part);
    }
  });

  it('says that nothing happened', () => {
    const { subject, text } = digestMail(
      aDigest({ counts: { succeeded: 0, failed: 0, revoked: 0 }, byName: [], failures: [] }),
    );

    expect(subject).toContain('none ended');
    expect(text).toContain('No task ended in this time.');
    expect(text).not.toContain('Failures');
  });

  it('cuts long lists and messages, and says by how much', () => {
    const huge = ALL.find(([name]) => name === 'huge digest')?.[1];

    expect(huge?.text).toContain('- and 480 more names');
    expect(huge?.text).toContain('- and 99,990 more failures');
    expect(huge?.text).toContain(`${'x'.repeat(200)} …`);
    expect(huge?.text).not.toContain('x'.repeat(201));
    expect(huge?.html).toContain('and 99,990 more failures');
  });
});
