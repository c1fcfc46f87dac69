// The mailbox: the provider for development. Keeps each mail in D1 instead of sending it, readable at /mailbox.
import { v7 as uuidv7 } from 'uuid';
import type { MailProvider } from './mail.ts';
import { keepInMailbox } from './store.ts';

export function createMailbox(db: D1Database, from: string, now: () => number): MailProvider {
  return {
    name: 'mailbox',
    send: (mail, { idempotencyKey }) =>
      keepInMailbox(db, { id: uuidv7(), idempotencyKey, mail: JSON.stringify({ from, ...mail }), receivedAt: now() }),
  };
}
