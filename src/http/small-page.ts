// A small page for people without an API key: it has no script and needs nothing from elsewhere.
import { html } from 'hono/html';

/** No script, nothing from elsewhere, and no other page may show this one in a frame and steal the click. */
export const SMALL_PAGE_HEADERS = {
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'referrer-policy': 'no-referrer',
};

export const smallPage = (title: string, body: ReturnType<typeof html>) => html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
:root{color-scheme:light dark}
body{margin:0;padding:10vh 1.5rem;font:1rem/1.5 system-ui,sans-serif;background:Canvas;color:CanvasText}
main{max-width:32rem;margin:auto;overflow-wrap:anywhere}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem}
dd{margin:0}
textarea{display:block;box-sizing:border-box;width:100%;font:inherit}
button{font:inherit;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1d4ed8;color:#fff;cursor:pointer}
button.second{background:#b91c1c}
</style>
</head>
<body><main><h1>${title}</h1>
${body}
</main></body>
</html>`;
