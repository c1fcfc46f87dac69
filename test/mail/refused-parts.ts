// Parts that no mail may have: they would add a header to the mail, or some provider refuses them for good.
import type { Mail } from '../../src/mail/index.ts';

/** [the field that is refused, what a mail has instead of its own] */
export const REFUSED_PARTS: [field: string, part: Partial<Mail>][] = [
  ['to', { to: 'a@example.com\r\nBcc: b@example.com' }],
  ['to', { to: 'a@example.com, b@example.com' }],
  ['to', { to: ['a@example.com', 'b@example.com\nBcc: c@example.com'] }],
  ['cc', { cc: 'a@example.com\r\nBcc: b@example.com' }],
  ['bcc', { bcc: ['"a" <a@example.com>'] }],
  ['subject', { subject: 'Hi\r\nBcc: b@example.com' }],
  ['subject', { subject: 'Hi\nX-Header: 1' }],
  ['subject', { subject: 'Hi\0' }],
  ['subject', { subject: '' }],
  ['subject', { subject: ' \t' }],
  ['text', { text: undefined, html: undefined }],
  ['text', { text: '', html: '' }],
  ['text', { text: ' \n', html: undefined }],
  ['reply_to', { reply_to: 'a@example.com\nBcc: b@example.com' }],
  ['headers', { headers: { 'X-A': '1\r\nBcc: b@example.com' } }],
  ['headers', { headers: { 'X-A: 1\r\nBcc': 'b@example.com' } }],
  ['headers', { headers: { bcc: 'b@example.com' } }],
  ['headers', { headers: { 'X-Mailgun-Recipient-Variables': '{}' } }],
  ['attachments', { attachments: [{ file: 'uploads/invoice', filename: 'a"\r\nX: 1' }] }],
  ['attachments', { attachments: [{ file: 'uploads/invoice', content_type: 'text/html\r\nX: 1' }] }],
  ['attachments', { attachments: [{ file: 'uploads/invoice', content_id: '<a>\r\nX: 1' }] }],
  ['tags', { tags: [{ name: 'a', value: 'b\r\nX: 1' }] }],
];
