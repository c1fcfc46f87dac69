// The SQL of the mail tables: what was sent or asked to be, who must not be mailed, and the local mailbox.

/** What is known of the mail under a key. */
export interface Known {
  provider: string;
  /** undefined: a provider was asked, and nobody knows what became of it. */
  messageId: string | undefined;
  /** When a provider was first asked without a clear answer, epoch milliseconds. */
  attemptedAt: number;
  /** Recipients that were left out. */
  suppressed: string[];
}

interface KnownRow {
  provider: string;
  messageId: string | null;
  attemptedAt: number;
  suppressed: string | null;
}

const FIND = `SELECT provider, message_id AS messageId, attempted_at AS attemptedAt, suppressed
  FROM sent_mails WHERE idempotency_key = ?1`;

/** What is known under the key (undefined: nothing), and which of the addresses (lower case) are suppressed. One call. */
export async function lookUp(
  db: D1Database,
  idempotencyKey: string,
  addresses: string[],
): Promise<{ known: Known | undefined; suppressed: Set<string> }> {
  const [knowns, suppressed] = await db.batch<KnownRow & { address: string }>([
    db.prepare(FIND).bind(idempotencyKey),
    db
      .prepare(
        `SELECT s.address FROM json_each(?1) AS j JOIN suppressions AS s ON s.address = j.value
         WHERE s.lifted_at IS NULL`,
      )
      .bind(JSON.stringify(addresses)),
  ]);
  const row = knowns?.results[0];
  return {
    known: row && {
      provider: row.provider,
      messageId: row.messageId ?? undefined,
      attemptedAt: row.attemptedAt,
      suppressed: row.suppressed === null ? [] : (JSON.parse(row.suppressed) as string[]),
    },
    suppressed: new Set(suppressed?.results.map(({ address }) => address)),
  };
}

/**
 * Records that a provider is about to be asked. False, and nothing is changed, when the mail is sent already, or when
 * somebody else's attempt is open: with `over` (an instant) that one attempt may be, with `overAny` any.
 */
export async function recordAttempt(
  db: D1Database,
  attempt: {
    idempotencyKey: string;
    provider: string;
    attemptedAt: number;
    over: number | undefined;
    overAny: boolean;
  },
): Promise<boolean> {
  const row = await db
    .prepare(
      `INSERT INTO sent_mails (idempotency_key, provider, attempted_at) VALUES (?1, ?2, ?3)
       ON CONFLICT DO UPDATE SET provider = excluded.provider WHERE message_id IS NULL AND (?5 OR attempted_at = ?4)
       RETURNING provider`,
    )
    .bind(attempt.idempotencyKey, attempt.provider, attempt.attemptedAt, attempt.over ?? null, attempt.overAny ? 1 : 0)
    .first();
  return row !== null;
}

/** Takes back an attempt that the provider refused. What was sent stays. */
export async function clearAttempt(db: D1Database, idempotencyKey: string, attemptedAt: number): Promise<void> {
  await db
    .prepare('DELETE FROM sent_mails WHERE idempotency_key = ?1 AND attempted_at = ?2 AND message_id IS NULL')
    .bind(idempotencyKey, attemptedAt)
    .run();
}

/** Keeps the first record; a second one under the same key changes nothing. */
export async function recordSent(
  db: D1Database,
  sent: { idempotencyKey: string; provider: string; messageId: string; sentAt: number; suppressed: string[] },
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO sent_mails (idempotency_key, provider, message_id, attempted_at, sent_at, suppressed)
       VALUES (?1, ?2, ?3, ?4, ?4, ?5)
       ON CONFLICT DO UPDATE SET provider = excluded.provider, message_id = excluded.message_id,
         sent_at = excluded.sent_at, suppressed = excluded.suppressed WHERE message_id IS NULL`,
    )
    .bind(
      sent.idempotencyKey,
      sent.provider,
      sent.messageId,
      sent.sentAt,
      sent.suppressed.length > 0 ? JSON.stringify(sent.suppressed) : null,
    )
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

export type SuppressionReason = 'bounce' | 'complaint' | 'provider';

export interface SuppressionRow {
  /** Lower case. */
  address: string;
  reason: SuppressionReason;
  detail: string | null;
  provider: string;
  /** When it bounced or was reported, as the provider says, epoch milliseconds. */
  createdAt: number;
}

/** What an event asks for; an event of no interest asks for nothing. */
export interface Verdict {
  suppress?: SuppressionRow;
  lift?: { address: string; liftedAt: number; provider: string };
}

/**
 * Suppresses as of `createdAt`, the moment of the event. An address that is suppressed already stays as it is, and one
 * that was lifted after the event stays lifted: the same event again changes nothing.
 */
export async function suppress(db: D1Database, suppression: SuppressionRow): Promise<void> {
  const { address, reason, detail, provider, createdAt } = suppression;
  await db
    .prepare(
      `INSERT INTO suppressions (address, reason, detail, provider, created_at) VALUES (?1, ?2, ?3, ?4, ?5)
       ON CONFLICT DO UPDATE SET reason = excluded.reason, detail = excluded.detail, provider = excluded.provider,
         created_at = excluded.created_at, lifted_at = NULL WHERE lifted_at < excluded.created_at`,
    )
    .bind(address, reason, detail, provider, createdAt)
    .run();
}

/**
 * Lifts the suppression as of `liftedAt`. With `provider`, only one that came from there and is older. False when there
 * was none.
 */
export async function liftSuppression(
  db: D1Database,
  lift: { address: string; liftedAt: number; provider?: string },
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE suppressions SET lifted_at = ?2
       WHERE address = ?1 AND lifted_at IS NULL AND (?3 IS NULL OR (provider = ?3 AND created_at <= ?2))`,
    )
    .bind(lift.address, lift.liftedAt, lift.provider ?? null)
    .run();
  return meta.changes > 0;
}

/** By address, above `after`. */
export async function listSuppressions(
  db: D1Database,
  limit: number,
  after: string | undefined,
): Promise<SuppressionRow[]> {
  const { results } = await db
    .prepare(
      `SELECT address, reason, detail, provider, created_at AS createdAt FROM suppressions
       WHERE address > ?1 AND lifted_at IS NULL ORDER BY address LIMIT ?2`,
    )
    .bind(after ?? '', limit)
    .all<SuppressionRow>();
  return results;
}

/**
 * Deletes what was sent, and what the mailbox kept, before `before` (epoch milliseconds), `limit` of each at most. Keys are
 * ids of tasks, which begin with their time, so that the primary keys find the old ones. Returns how many went.
 */
export async function pruneMails(db: D1Database, before: number, limit: number): Promise<number> {
  const hex = Math.max(0, before).toString(16).padStart(12, '0');
  const oldest = `${hex.slice(0, 8)}-${hex.slice(8)}`;
  const [sent, kept] = await db.batch([
    db
      .prepare(
        `DELETE FROM sent_mails WHERE idempotency_key IN (
           SELECT idempotency_key FROM sent_mails WHERE idempotency_key < ?1 AND attempted_at < ?2 LIMIT ?3)`,
      )
      .bind(oldest, before, limit),
    db.prepare('DELETE FROM mailbox WHERE id IN (SELECT id FROM mailbox WHERE id < ?1 LIMIT ?2)').bind(oldest, limit),
  ]);
  return (sent?.meta.changes ?? 0) + (kept?.meta.changes ?? 0);
}
