import { describe, expect, it } from 'vitest';
import { MailError, mailErrorOf, unreadable } from '../../src/mail/mail-error.ts';

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
      expect(mailErrorOf('post', answer(status), 'No.')).toMatchObject(expected);
    },
  );

  it('lets a provider replace what the status says', () => {
    expect(mailErrorOf('post', answer(422), 'No.', { permanent: false, code: 'suppressed' })).toMatchObject({
      ...{ permanent: false, unclear: false, code: 'suppressed' },
    });
  });

  it('names provider, status and reason, the reason cut to 300 characters', () => {
    expect(mailErrorOf('post', answer(422), 'x'.repeat(400)).message).toBe(`post answered 422: ${'x'.repeat(300)}`);
  });

  it.each([
    ['7', 7],
    [' 60 ', 60],
    ['0', 0],
    ['soon', undefined],
    ['-1', undefined],
    ['1.5', undefined],
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined],
  ])('reads Retry-After "%s" as %s', (header, retryAfterSeconds) => {
    expect(mailErrorOf('post', answer(429, { 'retry-after': header }), 'Later.')).toMatchObject({ retryAfterSeconds });
  });
});

describe('the error for a successful answer without an id', () => {
  it('says that the mail may have been sent', () => {
    expect(unreadable('post', answer(200))).toMatchObject({ permanent: false, unclear: true, fault: true });
  });
});

describe('a MailError', () => {
  it('is by default clear and not the fault of the provider', () => {
    expect(new MailError('No.', { permanent: true })).toMatchObject({ unclear: false, fault: false, code: undefined });
  });
});
