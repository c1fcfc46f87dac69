// A .wasm import is a compiled module: wrangler.toml's CompiledWasm rule, and the test runner's.

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
