// Stores the body of a request as a file. The name, the length and the digests are checked before the first byte is read.
import {
  DigestMismatch,
  faultOfFilename,
  InvalidDigest,
  readDigests,
  SourceBroken,
  type StoredFile,
} from '../files/index.ts';
import type { HttpContext } from './env.ts';
import { HttpProblem, RequestCancelled } from './problem.ts';
import { tooLarge } from './route.ts';

/** The largest body that Cloudflare passes to a Worker on the Free and Pro plans. */
const MAX_UPLOAD_BYTES = 100_000_000;

/**
 * Streams the body into R2.
 * @throws HttpProblem `invalid_request`, `length_required`, `body_too_large`, `digest_mismatch`; RequestCancelled; then nothing is stored
 */
export async function receiveFile(c: HttpContext, filename: string): Promise<StoredFile> {
  const fault = faultOfFilename(filename);
  if (fault)
    throw new HttpProblem('invalid_request', { issues: [{ path: 'name', message: `The name of the file ${fault}.` }] });
  const size = lengthOf(c);
  const about = { filename, claimedType: c.req.header('content-type'), size, digests: digestsOf(c) };
  const body = c.req.raw.body ?? new Blob([]).stream();
  return c.var.services.files.uploadStream(body, about).catch(asRefusal);
}

/** R2 must know the length before the first byte. */
function lengthOf(c: HttpContext): number {
  const header = c.req.header('content-length');
  if (header === undefined || !/^\d+$/.test(header)) {
    throw new HttpProblem('length_required', {
      detail: 'Send the Content-Length header with the size of the file in bytes.',
    });
  }
  if (Number(header) > MAX_UPLOAD_BYTES)
    throw new HttpProblem('body_too_large', { detail: tooLarge(MAX_UPLOAD_BYTES) });
  return Number(header);
}

function digestsOf(c: HttpContext) {
  try {
    return readDigests(c.req.raw.headers);
  } catch (error) {
    if (error instanceof InvalidDigest)
      throw new HttpProblem('invalid_request', { issues: [{ path: error.header, message: error.message }] });
    return asRefusal(error);
  }
}

function asRefusal(error: unknown): never {
  if (error instanceof DigestMismatch) throw new HttpProblem('digest_mismatch', { detail: error.message });
  if (error instanceof SourceBroken) throw new RequestCancelled(error.message, { cause: error });
  throw error;
}
