// The files a mail carries: found, measured, and only then read. An attachment is in memory three to five times over while
// it is sent (its bytes, as base64, inside a JSON text, as UTF-8), and an isolate has 128 MB: so all mails of an isolate
// together hold no more than one mail may have.
import type { MailAttachment } from './mail.ts';
import { MailError } from './mail-error.ts';
import type { Enclosure } from './provider.ts';

/** Where attachments come from: declared here, filled in by src/index.ts. Both are undefined when there is no such file. */
export interface AttachmentSource {
  stat(key: string): Promise<{ size: number; contentType: string; filename: string } | undefined>;
  read(key: string): Promise<{ bytes: Uint8Array } | undefined>;
}

/** Of all attachments of a mail together: Postmark takes 10 MB. */
export const MAX_ATTACHMENT_BYTES = 10_000_000;
/** An invocation that died cannot say that it is done; what it held is forgotten after so long. */
const HOLD_MS = 60_000;
/** How long a mail waits that finds the isolate full. */
const BUSY_SECONDS = 5;

/** What mails under way hold in this isolate. */
const held = new Set<{ bytes: number; until: number }>();

export interface Loaded {
  enclosures: Enclosure[];
  /** To be called when the mail has gone. */
  release(): void;
}

/**
 * Reads the attachments. Throws MailError: permanent with `file_not_found` or `attachments_too_large`, or to be tried
 * again with `busy`, when other mails of the isolate hold too much.
 */
export async function loadAttachments(
  source: AttachmentSource | undefined,
  attachments: MailAttachment[],
  now: number,
): Promise<Loaded> {
  if (attachments.length === 0) return { enclosures: [], release: () => {} };
  const found = [];
  for (const attachment of attachments) {
    const file = await source?.stat(attachment.file);
    if (!file) throw missing(attachment.file);
    found.push({ attachment, file });
  }
  const total = found.reduce((sum, { file }) => sum + file.size, 0);
  if (total > MAX_ATTACHMENT_BYTES) {
    const message = `the attachments have ${total} bytes together; at most ${MAX_ATTACHMENT_BYTES} can be sent`;
    throw new MailError(message, { permanent: true, code: 'attachments_too_large' });
  }
  const release = hold(total, now);
  try {
    const enclosures: Enclosure[] = [];
    for (const { attachment, file } of found) {
      const read = await source?.read(attachment.file);
      if (!read) throw missing(attachment.file);
      enclosures.push({
        filename: attachment.filename ?? safeName(file.filename),
        contentType: attachment.content_type ?? file.contentType,
        contentId: attachment.content_id,
        bytes: read.bytes,
      });
    }
    return { enclosures, release };
  } catch (error) {
    release();
    throw error;
  }
}

function hold(bytes: number, now: number): () => void {
  for (const other of held) if (other.until <= now) held.delete(other);
  const all = [...held].reduce((sum, other) => sum + other.bytes, 0);
  if (all + bytes > MAX_ATTACHMENT_BYTES) {
    throw new MailError('other mails with attachments are under way in this isolate', {
      permanent: false,
      code: 'busy',
      retryAfterSeconds: BUSY_SECONDS,
    });
  }
  const mine = { bytes, until: now + HOLD_MS };
  held.add(mine);
  return () => void held.delete(mine);
}

function missing(key: string): MailError {
  return new MailError(`there is no file ${key} to attach`, { permanent: true, code: 'file_not_found' });
}

/** A file is called what its uploader called it, which may be anything. */
function safeName(filename: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is taken out
  return filename.replace(/[\u0000-\u001f\u007f/\\]/g, '_').slice(0, 200) || 'attachment';
}
