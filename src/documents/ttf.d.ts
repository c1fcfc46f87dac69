// A .ttf import is the bytes of a font, by the rule Data of wrangler.toml and by the test runner.

declare module '*.ttf' {
  const bytes: ArrayBuffer;
  export default bytes;
}
