// Data of digests for the tests of the templates.
import type { DigestData } from '../../../src/mail/index.ts';

const WEEK = 7 * 86_400_000;
export const UNTIL = Date.UTC(2026, 10, 23, 9);
/** Text that would run in a browser if it were not escaped. */
export const HOSTILE = `<script>alert("1")</script>'"&<img src=x onerror=alert(1)>`;

export const aDigest = (data: Partial<DigestData> = {}): DigestData => ({
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

/** A digest with more names and failures than a mail lists. */
export const aHugeDigest = () =>
  aDigest({
    counts: { succeeded: 5_000_000, failed: 100_000, revoked: 3 },
    byName: Array.from({ length: 500 }, (_, n) => ({ name: `task.number_${n}`, succeeded: n, failed: n })),
    failures: Array.from({ length: 5000 }, (_, n) => ({
      ...{ task_id: `id-${n}`, name: 'a.b', at: UNTIL },
      message: 'x'.repeat(5000),
    })),
  });

/** A digest of a week in which no task ended. */
export const anEmptyDigest = () =>
  aDigest({ counts: { succeeded: 0, failed: 0, revoked: 0 }, byName: [], failures: [] });
