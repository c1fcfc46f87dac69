// A small page for people without an API key. It looks like the dashboard, has no script and needs nothing from elsewhere.
import { html } from 'hono/html';
import { lazy } from '../lazy.ts';

/** No script, nothing from elsewhere, and no other page may show this one in a frame and steal the click. */
export const SMALL_PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

const minutes = lazy(
  () => new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeStyle: 'short', timeZone: 'UTC' }),
);

/** Epoch milliseconds → `28 November 2026 at 14:09 UTC`. The page has no script that knows the reader's time zone. */
export const minuteOf = (at: number) => `${minutes().format(at)} UTC`;

/** The colours are those of the dashboard (src/dashboard/styles/tokens.css). */
export const smallPage = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
:root{color-scheme:light dark;--paper:light-dark(#f6f5f2,#121416);--surface:light-dark(#fff,#1a1d20);--line:light-dark(#e6e3dc,#2a2f34);--strong:light-dark(#cbc6bc,#434b53);--ink:light-dark(#1a1c1f,#ebe9e4);--quiet:light-dark(#62676f,#949ba3);--on-ink:light-dark(#fff,#14171a);--accent:light-dark(#0b5f6b,#5cc6d0);--failure:light-dark(#b92c25,#ff8078)}
*{box-sizing:border-box}
body{margin:0;padding:8vh 1rem 3rem;font:.9375rem/1.55 Inter,system-ui,-apple-system,"Segoe UI",Roboto,sans-serif;background:var(--paper);color:var(--ink)}
main{max-width:30rem;margin:auto;padding:1.75rem;border:1px solid var(--line);border-radius:.75rem;background:var(--surface);box-shadow:0 1px 2px rgb(0 0 0/6%);overflow-wrap:anywhere}
.brand{display:flex;align-items:center;gap:.5rem;margin:0 0 1.25rem;color:var(--quiet);font-weight:600}
h1{margin:0 0 1rem;font-size:1.375rem;line-height:1.25;font-weight:620;letter-spacing:-.018em}
p{margin:1rem 0 0}
dl{display:grid;grid-template-columns:minmax(3rem,max-content) 1fr;gap:.3rem 1.25rem;margin:0 0 1.25rem}
dt,small{color:var(--quiet)}
dd{margin:0}
label{color:var(--quiet);font-size:.8125rem;font-weight:510}
textarea{display:block;width:100%;margin-top:.3rem;padding:.4rem .6rem;border:1px solid var(--strong);border-radius:.5rem;background:var(--surface);color:var(--ink);font:inherit;resize:vertical}
button{min-height:2.5rem;padding:.4rem 1.1rem;border:1px solid var(--ink);border-radius:.5rem;background:var(--ink);color:var(--on-ink);font:inherit;font-weight:510;cursor:pointer}
button:hover{border-color:var(--accent);background:var(--accent)}
button.second{border-color:color-mix(in srgb,var(--failure) 45%,transparent);background:none;color:var(--failure)}
button.second:hover{background:color-mix(in srgb,var(--failure) 10%,transparent)}
button+button{margin-left:.3rem}
:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
</style>
</head>
<body><main>
<div class="brand"><svg viewBox="0 0 24 24" width="24" height="24" aria-hidden="true"><rect width="24" height="24" rx="6" fill="#0b5f6b"/><path d="M6 8.2h7.5M6 12h12M6 15.8h9" stroke="#fff" stroke-width="2" stroke-linecap="round"/><circle cx="17.2" cy="8.2" r="1.6" fill="#7fe0c8"/></svg>Errand</div>
<h1>${title}</h1>
${body}
</main></body>
</html>`;
