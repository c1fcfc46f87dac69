import { describe, expect, it } from 'vitest';
import { html } from '../../../src/mail/templates/html.ts';

describe('html', () => {
  it('escapes text, for elements and for quoted attributes', () => {
    expect(html`<p title="${`"'&`}">${'<b>'}</p>`.text).toBe('<p title="&quot;&#39;&amp;">&lt;b&gt;</p>');
  });

  it('keeps HTML that it made itself, and joins lists', () => {
    const items = ['a', '<b>'].map((item) => html`<li>${item}</li>`);

    expect(html`<ul>${items}</ul>`.text).toBe('<ul><li>a</li><li>&lt;b&gt;</li></ul>');
  });

  it('writes numbers, and a space for each control character that HTML does not allow', () => {
    expect(html`${1234} ${'a\0b\tc\n'}`.text).toBe('1234 a b\tc\n');
  });
});
