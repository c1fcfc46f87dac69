import { describe, expect, it } from 'vitest';
import { digestMail } from '../../../src/mail/index.ts';
import { aDigest, aHugeDigest, anEmptyDigest } from './digests.ts';

describe('the digest', () => {
  it('contains every number in HTML and in text', () => {
    const { subject, text, html } = digestMail(aDigest());

    expect(subject).toBe('Your tasks, Nov 16 – Nov 23: 2 failed');
    expect(text).toContain('1,234 succeeded, 2 failed, 1 revoked.');
    expect(text).toContain('- image.thumbnail: 34 succeeded, 2 failed');
    expect(text).toContain('- image.thumbnail, 23 Nov, 08:00 UTC: the picture is damaged\n  0190-b');
    for (const part of ['1,234', '1,200', 'image.thumbnail', 'the picture is damaged', '23 Nov, 08:00 UTC', '0190-a']) {
      expect(html).toContain(part);
    }
  });

  it('says that no task ended', () => {
    const { subject, text } = digestMail(anEmptyDigest());

    expect(subject).toContain('none ended');
    expect(text).toContain('No task ended in this time.');
    expect(text).not.toContain('Failures');
  });

  it('cuts long lists and messages, and says how many entries are missing', () => {
    const huge = digestMail(aHugeDigest());

    expect(huge.text).toContain('- and 480 more names');
    expect(huge.text).toContain('- and 99,990 more failures');
    expect(huge.text).toContain(`${'x'.repeat(200)} …`);
    expect(huge.text).not.toContain('x'.repeat(201));
    expect(huge.html).toContain('and 99,990 more failures');
  });
});
