// The mail that a new user gets.
import { html } from './html.ts';
import { layout, type Rendered, TEXT } from './layout.ts';

export interface WelcomeData {
  email: string;
}

/** Subject, HTML and text of the welcome mail. */
export function welcomeMail({ email }: WelcomeData): Rendered {
  const ready = 'Your account is ready. It is registered under this address:';
  const notYou = 'If you did not sign up, ignore this mail.';
  const body = html`<p class="ink" style="${TEXT}">Hello,</p>
<p class="ink" style="${TEXT}">${ready}</p>
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0">
<tr><td class="tile ink" style="${TEXT};padding:12px 16px;background:#f1f4f7;border-radius:6px;word-break:break-word"><strong>${email}</strong></td></tr>
</table>`;
  return {
    subject: 'Welcome!',
    html: layout({ title: 'Welcome!', preview: ready.replace(':', '.'), body, footer: notYou }),
    text: `Hello,\n\n${ready}\n\n    ${email}\n\n${notYou}\n`,
  };
}
