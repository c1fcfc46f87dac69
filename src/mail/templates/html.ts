// HTML by tagged template: every value is escaped, unless it is HTML that was made here. A text from a user can never become
// markup because escaping it was forgotten.

/** A piece of HTML that is safe to insert into other HTML. */
export class Html {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Html | Value[];

/** html`<p>${name}</p>` escapes `name`. The items of a list are joined. */
export function html(parts: TemplateStringsArray, ...values: Value[]): Html {
  return new Html(parts.reduce((text, part, index) => text + render(values[index - 1] ?? '') + part));
}

function render(value: Value): string {
  if (value instanceof Html) return value.text;
  return Array.isArray(value) ? value.map(render).join('') : escapeHtml(String(value));
}

/** Escapes for text and for quoted attributes. Control characters, which HTML does not allow, become spaces. */
function escapeHtml(text: string): string {
  return (
    text
      // biome-ignore lint/suspicious/noControlCharactersInRegex: this replaces control characters
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]/g, ' ')
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('>', '&gt;')
      .replaceAll('"', '&quot;')
      .replaceAll("'", '&#39;')
  );
}
