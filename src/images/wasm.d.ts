// A .wasm import is a compiled module, by the rule CompiledWasm of wrangler.toml and by the test runner.

declare module '*.wasm' {
  const module: WebAssembly.Module;
  export default module;
}
