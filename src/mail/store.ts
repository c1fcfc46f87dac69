// The SQL of the mail tables: what was sent, and the local mailbox.

/** The provider's id of the mail sent under this key; undefined when none is recorded. */
export async function findSent(
  db: D1Database,
  idempotencyKey: string,
): Promise<{ provider: string; messageId: string } | undefined> {
  const row = await db
    .prepare('SELECT provider, message_id AS messageId FROM sent_mails WHERE idempotency_key = ?1')
    .bind(idempotencyKey)
    .first<{ provider: string; messageId: string }>();
  return row ?? undefined;
}

/** Keeps the first record; a second one under the same key changes nothing. */
export async function recordSent(
  db: D1Database,
  sent: { idempotencyKey: string; provider: string; messageId: string; sentAt: number },
): Promise<void> {
  await db
    .prepare(
      'INSERT INTO sent_mails (idempotency_key, provider, message_id, sent_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING',
    )
    .bind(sent.idempotencyKey, sent.provider, sent.messageId, sent.sentAt)
    .run();
}

/** The id of the mail in the mailbox: of the first one under its key. */
export async function keepInMailbox(
  db: D1Database,
  kept: { id: string; idempotencyKey: string; mail: string; receivedAt: number },
): Promise<string> {
  const [, found] = await db.batch<{ id: string }>([
    db
      .prepare(
        'INSERT INTO mailbox (id, idempotency_key, mail, received_at) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING',
      )
      .bind(kept.id, kept.idempotencyKey, kept.mail, kept.receivedAt),
    db.prepare('SELECT id FROM mailbox WHERE idempotency_key = ?1').bind(kept.idempotencyKey),
  ]);
  return found?.results[0]?.id ?? kept.id;
}

export interface MailboxRow {
  id: string;
  mail: string;
  receivedAt: number;
}

/** Newest first, below the id `before`. */
export async function listMailbox(db: D1Database, limit: number, before: string | undefined): Promise<MailboxRow[]> {
  const { results } = await db
    .prepare('SELECT id, mail, received_at AS receivedAt FROM mailbox WHERE id < ?1 ORDER BY id DESC LIMIT ?2')
    .bind(before ?? 'g', limit)
    .all<MailboxRow>();
  return results;
}

export async function getMailboxMail(db: D1Database, id: string): Promise<MailboxRow | undefined> {
  const row = await db
    .prepare('SELECT id, mail, received_at AS receivedAt FROM mailbox WHERE id = ?1')
    .bind(id)
    .first<MailboxRow>();
  return row ?? undefined;
}
