import { describe, expect, it } from 'vitest';
import { welcomeMail } from '../../../src/mail/index.ts';

describe('the welcome mail', () => {
  it('contains the address in HTML and in text', () => {
    const { text, html } = welcomeMail({ email: 'ada+1@example.com' });

    expect(text).toContain('ada+1@example.com');
    expect(html).toContain('ada+1@example.com');
  });

  it('shows an address as text, not as markup', () => {
    expect(welcomeMail({ email: '<script>' }).html).toContain('<strong>&lt;script&gt;</strong>');
  });
});
