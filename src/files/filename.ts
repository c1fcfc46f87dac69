// Which filenames are accepted, and how they are shortened. A filename is data beside the file: it must never become a part of
// a file key.

/** R2 keeps 2,048 bytes of metadata. A percent-encoded character takes up to 9 bytes. */
const MAX_FILENAME_CHARACTERS = 200;

/** Control characters, and characters that reverse the direction of text and so can disguise an extension. */
const HIDDEN = /[\p{Cc}\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/u;

/** A longer extension is treated as a part of the name. */
const MAX_EXTENSION_CHARACTERS = 20;

/** The filename as it is stored: cut to 200 characters, with lone surrogates replaced. Keeps the extension. Never refuses. */
export function keptFilename(name: string): string {
  const extension = extensionOf(name);
  const stem = name.slice(0, name.length - extension.length).slice(0, MAX_FILENAME_CHARACTERS - extension.length);
  return `${stem}${extension}`.toWellFormed();
}

/** The filename of a file that was made from another: `suffix` replaces the extension. A long name is cut before the suffix. */
export function derivedFilename(name: string, suffix: string): string {
  const stem = name.slice(0, name.length - extensionOf(name).length);
  return `${stem.slice(0, MAX_FILENAME_CHARACTERS - suffix.length)}${suffix}`.toWellFormed();
}

/** Why a filename is refused, as the end of a sentence ("must …"); undefined when it is accepted. All scripts are accepted. */
export function faultOfFilename(name: string): string | undefined {
  if (name.trim() === '' || name === '.' || name === '..') return 'must be a name, not empty, "." or ".."';
  if (/[/\\]/.test(name)) return 'must not contain a slash or a backslash';
  if (HIDDEN.test(name)) return 'must not contain control characters or characters that reverse the direction of text';
  if (name.length > MAX_FILENAME_CHARACTERS) return `must have at most ${MAX_FILENAME_CHARACTERS} characters`;
  return name.isWellFormed() ? undefined : 'must be well-formed Unicode';
}

/** The extension with its dot; empty when there is none. */
function extensionOf(name: string): string {
  const extension = name.match(/\.[^.]*$/)?.[0] ?? '';
  return extension.length > MAX_EXTENSION_CHARACTERS ? '' : extension;
}
