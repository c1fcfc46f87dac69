// What a file may be called. A name is data beside the file: it is never part of a key, and only shown and sent back.

/** R2 keeps 2,048 bytes of metadata; percent-encoded, a character takes up to nine. */
const MAX_FILENAME_CHARACTERS = 200;

/** Control characters, and those that turn the direction of the text around them, so that a name can pose as another. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** A longer ending than this is none. */
const MAX_EXTENSION_CHARACTERS = 20;

/** A name as it is kept: cut to its length, and what is no Unicode in it replaced. For names that are not refused. */
export function keptFilename(name: string): string {
  const extension = extensionOf(name);
  const stem = name.slice(0, name.length - extension.length).slice(0, MAX_FILENAME_CHARACTERS - extension.length);
  return `${stem}${extension}`.toWellFormed();
}

/** The name of what was made of a file: `suffix` in place of its extension. A long name is cut so that the suffix stays. */
export function derivedFilename(name: string, suffix: string): string {
  const stem = name.slice(0, name.length - extensionOf(name).length);
  return `${stem.slice(0, MAX_FILENAME_CHARACTERS - suffix.length)}${suffix}`.toWellFormed();
}

/** What is wrong with a name, in a few words; undefined when nothing is. Any script and any other character is welcome. */
export function faultOfFilename(name: string): string | undefined {
  if (name.trim() === '' || name === '.' || name === '..') return 'must be a name';
  if (/[/\\]/.test(name)) return 'must not hold a slash or a backslash';
  if (HIDDEN.test(name)) return 'must not hold control characters, nor those that turn the direction of text';
  if (name.length > MAX_FILENAME_CHARACTERS) return `must have at most ${MAX_FILENAME_CHARACTERS} characters`;
  return name.isWellFormed() ? undefined : 'must be well-formed Unicode';
}

/** With its dot; empty for a name without one. */
function extensionOf(name: string): string {
  const extension = name.match(/\.[^.]*$/)?.[0] ?? '';
  return extension.length > MAX_EXTENSION_CHARACTERS ? '' : extension;
}
