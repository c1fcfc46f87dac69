// What a file may be called. A name is data beside the file: it is never part of a key, and only shown and sent back.

/** R2 keeps 2,048 bytes of metadata; percent-encoded, a character takes up to nine. */
const MAX_FILENAME_CHARACTERS = 200;

/** Control characters, and those that turn the direction of the text around them, so that a name can pose as another. */
const HIDDEN = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

/** A name as it is kept: cut to its length, and what is no Unicode in it replaced. For names that are not refused. */
export function keptFilename(name: string): string {
  return name.slice(0, MAX_FILENAME_CHARACTERS).toWellFormed();
}

/** What is wrong with a name, in a few words; undefined when nothing is. Any script and any other character is welcome. */
export function faultOfFilename(name: string): string | undefined {
  if (name.trim() === '' || name === '.' || name === '..') return 'must be a name';
  if (/[/\\]/.test(name)) return 'must not hold a slash or a backslash';
  if (HIDDEN.test(name)) return 'must not hold control characters';
  if (name.length > MAX_FILENAME_CHARACTERS) return `must have at most ${MAX_FILENAME_CHARACTERS} characters`;
  return name.isWellFormed() ? undefined : 'must be well-formed Unicode';
}
