// Text in which parts are links.
import type { RichText } from '../model.ts';
import { clean } from './clean.ts';
import type { TagElement } from './tags.ts';

/** A link of a text. Its element exists when its first part has been drawn. */
export interface Link {
  url: string;
  element?: TagElement;
}

export interface Span {
  text: string;
  link: Link | undefined;
}

/** The parts of a text, clean. */
export function spansOf(text: RichText): Span[] {
  const parts = typeof text === 'string' ? [text] : text;
  return parts.map((part) =>
    typeof part === 'string'
      ? { text: clean(part), link: undefined }
      : { text: clean(part.text), link: { url: new URL(part.url).href } },
  );
}
