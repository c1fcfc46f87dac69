// The frame of every mail: tables and inline styles, because mail clients drop other styles; at most 600 pixels wide. A mail
// must never load anything from elsewhere. Clients with a dark mode that read <style> get dark colours; in all others the inline
// colours are readable on a light and on a dark background.
import { type Html, html } from './html.ts';

/** A mail made from a template. */
export interface Rendered {
  subject: string;
  html: string;
  text: string;
  /** false: the mail carries a link to unsubscribe. */
  transactional?: false;
}

export interface Page {
  title: string;
  /** The text that an inbox shows beside the subject. */
  preview: string;
  body: Html;
  /** The small print below the card. */
  footer: string | Html;
}

export const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";
/** Inline styles of paragraphs. DARK names the CSS classes that go with them. */
export const TEXT = `margin:0 0 16px;${FONT};font-size:16px;line-height:24px;color:#1f2933`;
export const QUIET = `margin:0;${FONT};font-size:13px;line-height:20px;color:#616e7c`;

const DARK = [
  '.page{background:#15191e!important}',
  '.card{background:#1f252c!important;border-color:#343c46!important}',
  '.ink{color:#e4e7eb!important}',
  '.quiet{color:#9aa5b1!important}',
  '.rule{border-color:#343c46!important}',
  '.tile{background:#2a323b!important}',
  '.good{color:#57d08b!important}',
  '.bad{color:#ff8a80!important}',
].join('');

/** The whole HTML document of a mail. */
export function layout({ title, preview, body, footer }: Page): string {
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="supported-color-schemes" content="light dark">
<title>${title}</title>
<style>:root{color-scheme:light dark}@media (prefers-color-scheme:dark){${DARK}}</style>
</head>
<body class="page" style="margin:0;padding:0;background:#f1f4f7">
<div style="display:none;max-height:0;overflow:hidden">${preview}</div>
<table role="presentation" class="page" width="100%" cellpadding="0" cellspacing="0" border="0" style="background:#f1f4f7">
<tr><td align="center" style="padding:24px 12px">
<table role="presentation" width="100%" cellpadding="0" cellspacing="0" border="0" style="max-width:600px">
<tr><td class="card" style="padding:32px 28px;background:#ffffff;border:1px solid #dde3e9;border-radius:8px">
<h1 class="ink" style="margin:0 0 20px;${FONT};font-size:22px;line-height:28px;font-weight:600;color:#1f2933">${title}</h1>
${body}
</td></tr>
<tr><td style="padding:16px 28px"><p class="quiet" style="${QUIET}">${footer}</p></td></tr>
</table>
</td></tr>
</table>
</body>
</html>
`;
  return page.text;
}
