import { describe, expect, expectTypeOf, it } from 'vitest';
import { type Mail, MailSchema } from '../../src/mail/index.ts';

const mail = { to: 'ada@example.com', subject: 'Hi', text: 'Hello' };
const many = (count: number, from = 0) => Array.from({ length: count }, (_, n) => `user${from + n}@example.com`);

const xHeaders = (count: number) => Object.fromEntries(many(count).map((_, n) => [`X-${n}`, 'a']));

/** The paths at which the mail is refused. */
const faults = (part: object) => {
  const { error } = MailSchema().safeParse({ ...mail, ...part });
  return error?.issues.map(({ path }) => path.join('.')) ?? [];
};

describe('a mail', () => {
  it('needs only a recipient, a subject and a text', () => {
    expect(MailSchema().parse(mail)).toEqual(mail);
    expectTypeOf(mail).toExtend<Mail>();
  });

  it.each([
    ['one address or a list', { to: many(3), cc: 'b@example.com', bcc: many(2, 10) }],
    ['50 recipients in all lists together', { to: many(20), cc: many(20, 20), bcc: many(10, 40) }],
    ['headers of its own', { headers: { 'X-Order': '17', 'List-Unsubscribe': '<https://example.com/u>' } }],
    ['an attachment with only a file key', { attachments: [{ file: 'uploads/a' }] }],
    ['one recipient and a link to unsubscribe', { transactional: false, text: '{{unsubscribe_url}}' }],
    ['thirteen headers and a link', { transactional: false, headers: xHeaders(13) }],
    ['tags', { tags: [{ name: 'kind', value: 'invoice-2026_11' }] }],
  ])('may have %s', (_, part) => {
    expect(faults(part)).toEqual([]);
  });

  it.each([
    ['no recipient', { to: [] }, 'to'],
    ['more than 50 recipients in one list', { to: many(51) }, 'to'],
    ['more than 50 recipients in all lists together', { to: many(30), cc: many(21, 30) }, 'to'],
    ['a name beside the address', { to: ['Ada <ada@example.com>'] }, 'to'],
    ['neither text nor html', { text: undefined }, 'text'],
    ['an empty text and no html', { text: '' }, 'text'],
    ['an empty html and no text', { text: undefined, html: ' ' }, 'text'],
    ['an empty subject', { subject: '' }, 'subject'],
    ['a blank subject', { subject: '  ' }, 'subject'],
    ['two recipients and a link to unsubscribe', { to: many(2), transactional: false }, 'to'],
    ['a copy and a link to unsubscribe', { cc: 'b@example.com', transactional: false }, 'to'],
    ['two such headers', { headers: { 'list-unsubscribe': '<https://a.b/>' }, transactional: false }, 'headers'],
    ['fourteen headers and a link', { headers: xHeaders(14), transactional: false }, 'headers'],
    ['the place of a link and no link', { text: 'Stop: {{unsubscribe_url}}' }, 'text'],
    ['the place of a link in its html and no link', { html: '{{unsubscribe_url}}', transactional: true }, 'html'],
    ['sixteen headers', { headers: xHeaders(16) }, 'headers'],
    ['a header twice', { headers: { 'X-A': '1', 'x-a': '2' } }, 'headers'],
    ['an empty header', { headers: { 'X-A': '' } }, 'headers.X-A'],
    ['a header beyond ASCII', { headers: { 'X-A': 'Käse' } }, 'headers.X-A'],
    [
      'twenty-one attachments',
      { attachments: Array.from({ length: 21 }, () => ({ file: 'uploads/a' })) },
      'attachments',
    ],
    ['the filename of a program', { attachments: [{ file: 'a', filename: 'a.exe' }] }, 'attachments.0.filename'],
    ['a filename with a path', { attachments: [{ file: 'uploads/a', filename: '../a' }] }, 'attachments.0.filename'],
    [
      'a content type that is not a media type',
      { attachments: [{ file: 'a', content_type: 'pdf' }] },
      'attachments.0.content_type',
    ],
    ['eleven tags', { tags: many(11).map((_, n) => ({ name: `t${n}`, value: 'a' })) }, 'tags'],
    [
      'a tag twice',
      {
        tags: [
          { name: 'a', value: '1' },
          { name: 'A', value: '2' },
        ],
      },
      'tags',
    ],
    ['a tag with a space', { tags: [{ name: 'a', value: 'b c' }] }, 'tags.0.value'],
    ['a tag with a long name', { tags: [{ name: 'a'.repeat(21), value: 'b' }] }, 'tags.0.name'],
  ])('may not have %s', (_, part, path) => {
    expect(faults(part).some((fault) => fault.startsWith(path))).toBe(true);
  });

  it.each([
    ...[
      'From',
      'to',
      'CC',
      'Bcc',
      'Subject',
      'Reply-To',
      'Sender',
      'Date',
      'Message-ID',
      'MIME-Version',
      'Return-Path',
    ],
    ...[
      'Received',
      'DKIM-Signature',
      'Content-Type',
      'content-transfer-encoding',
      'ARC-Seal',
      'Resent-To',
      'X-SMTPAPI',
    ],
    ...['X-SES-Source-ARN', 'X-PM-Message-Stream', 'X-Mailgun-Drop-Message', 'X-SG-EID', 'X-Tag-kind', 'a b'],
  ])('may not set the header %s', (name) => {
    expect(faults({ headers: JSON.parse(`{${JSON.stringify(name)}:"x"}`) as object })).not.toEqual([]);
  });
});
