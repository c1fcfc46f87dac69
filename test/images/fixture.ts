// Files that other programs wrote. They are small, and no library here can write them.

const urls = import.meta.glob<string>('./fixtures/*', { query: '?inline', import: 'default', eager: true });

/** The bytes of a file in `fixtures`. */
export function fixture(name: string): Uint8Array {
  const url = urls[`./fixtures/${name}`];
  if (!url) throw new Error(`There is no ${name}.`);
  return Uint8Array.from(atob(url.slice(url.indexOf(',') + 1)), (character) => character.charCodeAt(0));
}
