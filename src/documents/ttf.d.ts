// A .ttf import is the bytes of a font: wrangler.toml's Data rule, and the test runner's.

declare module '*.ttf' {
  const bytes: ArrayBuffer;
  export default bytes;
}
