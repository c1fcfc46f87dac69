// The SQL of the mail tables: sent mails and open attempts, suppressed addresses, and the mailbox.

/** What the table sent_mails knows about one idempotency key. */
export interface Known {
  provider: string;
  /** undefined: a provider was asked, and its answer is not known. '': it accepted the mail and gave no id. */
  messageId: string | undefined;
  /** When a provider was first asked without a clear answer, epoch milliseconds. */
  attemptedAt: number;
  /** Recipients that were left out of the mail. */
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

/**
 * Reads the record of the idempotency key (undefined: none), and which addresses are suppressed for such a mail and why, in one
 * call.
 */
export async function lookUp(
  db: D1Database,
  idempotencyKey: string,
  addresses: string[],
  transactional: boolean,
): Promise<{ known: Known | undefined; suppressed: Map<string, SuppressionReason> }> {
  const [knowns, suppressed] = await db.batch<KnownRow & { address: string; reason: SuppressionReason }>([
    db.prepare(FIND).bind(idempotencyKey),
    db
      .prepare(
        // Of two reasons, the one that holds for all mail comes last and stays in the map.
        `SELECT s.address, s.reason FROM json_each(?1) AS j JOIN suppressions AS s ON s.address = j.value
         WHERE s.lifted_at IS NULL AND (s.holds_for = 'all' OR NOT ?2) ORDER BY s.holds_for DESC`,
      )
      .bind(JSON.stringify(addresses), transactional ? 1 : 0),
  ]);
  const row = knowns?.results[0];
  return {
    known: row && {
      provider: row.provider,
      messageId: row.messageId ?? undefined,
      attemptedAt: row.attemptedAt,
      suppressed: row.suppressed === null ? [] : (JSON.parse(row.suppressed) as string[]),
    },
    suppressed: new Map(suppressed?.results.map(({ address, reason }) => [address, reason])),
  };
}

/**
 * Records that a provider is about to be asked. Returns false and changes nothing when the mail was sent already, or when
 * another attempt is open. `over` (an instant) allows replacing the attempt of that instant, `overAny` any open attempt.
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

/** Deletes an attempt that the provider refused. A sent mail keeps its record. */
export async function clearAttempt(db: D1Database, idempotencyKey: string, attemptedAt: number): Promise<void> {
  await db
    .prepare('DELETE FROM sent_mails WHERE idempotency_key = ?1 AND attempted_at = ?2 AND message_id IS NULL')
    .bind(idempotencyKey, attemptedAt)
    .run();
}

/** Records a sent mail. The first record of an idempotency key stays; a second one changes nothing. */
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

/** Keeps a mail and returns its id. If the idempotency key has a mail already, it returns the id of that mail. */
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

/** Newest first; only mails older than the id `before`. */
export async function listMailbox(db: D1Database, limit: number, before: string | undefined): Promise<MailboxRow[]> {
  const { results } = await db
    .prepare('SELECT id, mail, received_at AS receivedAt FROM mailbox WHERE id < ?1 ORDER BY id DESC LIMIT ?2')
    .bind(before ?? 'g', limit)
    .all<MailboxRow>();
  return results;
}

/** Resolves to undefined when the mailbox has no such mail. */
export async function getMailboxMail(db: D1Database, id: string): Promise<MailboxRow | undefined> {
  const row = await db
    .prepare('SELECT id, mail, received_at AS receivedAt FROM mailbox WHERE id = ?1')
    .bind(id)
    .first<MailboxRow>();
  return row ?? undefined;
}

/** `unsubscribe` holds for mail that is not transactional, each other reason for all mail. */
export type SuppressionReason = 'bounce' | 'complaint' | 'provider' | 'unsubscribe';

export interface SuppressionRow {
  /** In the form in which addresses are compared. */
  address: string;
  reason: SuppressionReason;
  detail: string | null;
  /** `errand` when no provider reported it. */
  provider: string;
  /** When it bounced, was reported as the provider says, or unsubscribed, epoch milliseconds. */
  createdAt: number;
}

/** What an event asks for. An event that does not concern suppressions asks for nothing. */
export interface Verdict {
  suppress?: SuppressionRow;
  lift?: { address: string; liftedAt: number; provider: string };
}

/**
 * Suppresses the address as of `createdAt`, the time of the event. An address that is suppressed already does not change. An
 * address that was released after the event stays released, so that the same event delivered again changes nothing. Whether the
 * address has unsubscribed is independent of that.
 */
export async function suppress(db: D1Database, suppression: SuppressionRow): Promise<void> {
  const { address, reason, detail, provider, createdAt } = suppression;
  await db
    .prepare(
      `INSERT INTO suppressions (address, holds_for, reason, detail, provider, created_at)
       VALUES (?1, iif(?2 = 'unsubscribe', 'not_transactional', 'all'), ?2, ?3, ?4, ?5)
       ON CONFLICT DO UPDATE SET reason = excluded.reason, detail = excluded.detail, provider = excluded.provider,
         created_at = excluded.created_at, lifted_at = NULL WHERE lifted_at < excluded.created_at`,
    )
    .bind(address, reason, detail, provider, createdAt)
    .run();
}

/**
 * Releases the address as of `liftedAt`. With `provider`, it releases only a suppression that came from this provider and is
 * older than `liftedAt`. With `reason`, only one for this reason. Returns false when there was none.
 */
export async function liftSuppression(
  db: D1Database,
  lift: { address: string; liftedAt: number; provider?: string; reason?: SuppressionReason | undefined },
): Promise<boolean> {
  const { meta } = await db
    .prepare(
      `UPDATE suppressions SET lifted_at = ?2
       WHERE address = ?1 AND lifted_at IS NULL AND (?3 IS NULL OR (provider = ?3 AND created_at <= ?2))
         AND (?4 IS NULL OR reason = ?4)`,
    )
    .bind(lift.address, lift.liftedAt, lift.provider ?? null, lift.reason ?? null)
    .run();
  return meta.changes > 0;
}

/** In the order of addresses. `after`: the last suppression of the page before; an address may have two. */
export async function listSuppressions(
  db: D1Database,
  limit: number,
  after: Pick<SuppressionRow, 'address' | 'reason'> | undefined,
): Promise<SuppressionRow[]> {
  const { results } = await db
    .prepare(
      `SELECT address, reason, detail, provider, created_at AS createdAt FROM suppressions
       WHERE (address, holds_for) > (?1, iif(?2 = 'unsubscribe', 'not_transactional', 'all')) AND lifted_at IS NULL
       ORDER BY address, holds_for LIMIT ?3`,
    )
    .bind(after?.address ?? '', after?.reason ?? 'unsubscribe', limit)
    .all<SuppressionRow>();
  return results;
}

/**
 * Deletes sent mails and mailbox mails from before `before` (epoch milliseconds), at most `limit` of each. With a cursor, more is
 * left. Idempotency keys are task ids, which begin with their time, so the primary keys find the old rows.
 */
export async function pruneMails(
  db: D1Database,
  before: number,
  limit: number,
): Promise<{ deleted: number; cursor?: string }> {
  const hex = Math.max(0, before).toString(16).padStart(12, '0');
  const oldest = `${hex.slice(0, 8)}-${hex.slice(8)}`;
  const results = await db.batch([
    db
      .prepare(
        `DELETE FROM sent_mails WHERE idempotency_key IN (
           SELECT idempotency_key FROM sent_mails WHERE idempotency_key < ?1 AND attempted_at < ?2 LIMIT ?3)`,
      )
      .bind(oldest, before, limit),
    db.prepare('DELETE FROM mailbox WHERE id IN (SELECT id FROM mailbox WHERE id < ?1 LIMIT ?2)').bind(oldest, limit),
  ]);
  const changes = results.map(({ meta }) => meta.changes);
  const deleted = changes.reduce((sum, count) => sum + count, 0);
  return changes.includes(limit) ? { deleted, cursor: 'more' } : { deleted };
}
