import { describe, expect, it } from 'vitest';
import { MailError, mailErrorOf, unreadable } from '../../src/mail/mail-error.ts';

const NOW = Date.parse('2026-10-21T07:20:00Z');

const answer = (status: number, headers: Record<string, string> = {}) => new Response(null, { status, headers });

describe('the error for an answer', () => {
  it.each([
    [400, { permanent: true, unclear: false, fault: false }],
    [404, { permanent: true, unclear: false, fault: false }],
    [408, { permanent: false, unclear: false, fault: false }],
    [425, { permanent: false, unclear: false, fault: false }],
    [429, { permanent: false, unclear: false, fault: false }],
    [500, { permanent: false, unclear: true, fault: true }],
    [502, { permanent: false, unclear: true, fault: true }],
    [503, { permanent: false, unclear: false, fault: true }],
  ])(
    'of status %i says whether to try again, whether the mail may be sent, and who is at fault',
    (status, expected) => {
      expect(mailErrorOf('post', answer(status), 'No.', NOW)).toMatchObject(expected);
    },
  );

  it('lets a provider replace what the status says', () => {
    expect(mailErrorOf('post', answer(422), 'No.', NOW, { permanent: false, code: 'suppressed' })).toMatchObject({
      ...{ permanent: false, unclear: false, code: 'suppressed' },
    });
  });

  it('names provider, status and reason, the reason cut to 300 characters', () => {
    expect(mailErrorOf('post', answer(422), 'x'.repeat(400), NOW).message).toBe(
      `post answered 422: ${'x'.repeat(300)}`,
    );
  });

  it.each([
    ['7', 7],
    [' 60 ', 60],
    ['0', 0],
    ['86400', 86_400],
    ['99999999999999999999999', 86_400],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 480],
    [' Wed, 21 Oct 2026 07:28:00 GMT ', 480],
    ['Wednesday, 21-Oct-26 07:28:00 GMT', 480],
    ['Wed Oct 21 07:28:00 2026', 480],
    ['Wed, 21 Oct 2026 07:20:01 GMT', 1],
    ['Thu, 21 Oct 2027 07:28:00 GMT', 86_400],
    // A time that has passed asks for no wait: the usual backoff decides.
    ['Wed, 21 Oct 2026 07:20:00 GMT', undefined],
    ['Tue, 15 Nov 1994 08:12:31 GMT', undefined],
    ['soon', undefined],
    ['', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['2026-10-21T07:28:00Z', undefined],
    ['Wed, 99 Oct 2026 07:28:00 GMT', undefined],
  ])('reads Retry-After "%s" as %s', (header, retryAfterSeconds) => {
    expect(mailErrorOf('post', answer(429, { 'retry-after': header }), 'Later.', NOW)).toMatchObject({
      retryAfterSeconds,
    });
  });
});

describe('the error for a successful answer that is not the provider’s', () => {
  it('says that the mail may have been sent', () => {
    expect(unreadable('post', answer(200))).toMatchObject({ permanent: false, unclear: true, fault: true });
  });
});

describe('a MailError', () => {
  it('is by default clear and not the fault of the provider', () => {
    expect(new MailError('No.', { permanent: true })).toMatchObject({ unclear: false, fault: false, code: undefined });
  });
});
