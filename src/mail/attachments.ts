// Reads the files that a mail carries. It checks their sizes before it reads any bytes, because an attachment is in memory
// three to five times while it is sent (bytes, base64, JSON text, UTF-8) and an isolate has 128 MB.
// All mails that one isolate sends at the same time must never hold more than MAX_ATTACHMENT_BYTES together.
import type { MailAttachment } from './mail.ts';
import { MailError } from './mail-error.ts';
import type { Enclosure } from './provider.ts';
import { refusedExtension } from './refused-extensions.ts';

/** Where attachments come from; src/index.ts provides it. Both functions resolve to undefined when the file does not exist. */
export interface AttachmentSource {
  stat(fileKey: string): Promise<{ size: number; contentType: string; filename: string } | undefined>;
  read(fileKey: string): Promise<{ bytes: Uint8Array } | undefined>;
}

/** Limit for all attachments of one mail together, in bytes. Postmark has the lowest limit of all providers: 10 MB. */
export const MAX_ATTACHMENT_BYTES = 10_000_000;
/** An invocation that dies cannot release the bytes it holds. They are released after this time. */
const HOLD_MS = 60_000;
/** If the isolate is full, the mail is tried again after this time. */
const BUSY_SECONDS = 5;

/** The attachments that this isolate is sending now. */
const held = new Set<{ bytes: number; until: number }>();

export interface Loaded {
  enclosures: Enclosure[];
  /** Must be called when the mail has been sent or has failed. */
  release(): void;
}

/**
 * Reads the attachments into memory.
 * @throws MailError permanent, with code `file_not_found`, `attachment_empty`, `attachment_type_refused` or `attachments_too_large`; or with code `busy`, to be tried
 * again, when other mails in this isolate hold too many bytes
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
  const empty = found.find(({ file }) => file.size === 0);
  if (empty) {
    const message = `The file ${empty.attachment.file} has 0 bytes, and some providers refuse an empty attachment. Leave it out, or upload it again.`;
    throw new MailError(message, { permanent: true, code: 'attachment_empty' });
  }
  for (const { attachment, file } of found) {
    const extension = refusedExtension(filenameOf(attachment, file.filename));
    if (extension === undefined) continue;
    const message = `The file ${attachment.file} ends with ${extension}, and some providers refuse such files. Put it into a ZIP archive, or send a link.`;
    throw new MailError(message, { permanent: true, code: 'attachment_type_refused' });
  }
  const total = found.reduce((sum, { file }) => sum + file.size, 0);
  if (total > MAX_ATTACHMENT_BYTES) {
    const message = `The attachments have ${total} bytes together; at most ${MAX_ATTACHMENT_BYTES} bytes can be sent. Send a link to the files instead.`;
    throw new MailError(message, { permanent: true, code: 'attachments_too_large' });
  }
  const release = hold(total, now);
  try {
    const enclosures: Enclosure[] = [];
    for (const { attachment, file } of found) {
      const read = await source?.read(attachment.file);
      if (!read) throw missing(attachment.file);
      enclosures.push({
        filename: filenameOf(attachment, file.filename),
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
    throw new MailError('Other mails with attachments fill the memory of this isolate. The mail is tried again.', {
      permanent: false,
      code: 'busy',
      retryAfterSeconds: BUSY_SECONDS,
    });
  }
  const mine = { bytes, until: now + HOLD_MS };
  held.add(mine);
  return () => void held.delete(mine);
}

function missing(fileKey: string): MailError {
  const message = `There is no file ${fileKey} to attach. Upload it again, or leave the attachment out.`;
  return new MailError(message, { permanent: true, code: 'file_not_found' });
}

function filenameOf(attachment: MailAttachment, uploaded: string): string {
  return attachment.filename ?? safeName(uploaded);
}

/** The uploader chose the filename, so it may hold any character. */
function safeName(filename: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: this replaces control characters
  return filename.replace(/[\u0000-\u001f\u007f/\\]/g, '_').slice(0, 200) || 'attachment';
}
