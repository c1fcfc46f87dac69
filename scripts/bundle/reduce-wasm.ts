// A WebAssembly module without the exports that no code calls, and without the functions that only they reach. The functions that
// stay are not changed.

/** The exports that a source declares in its interface …Exports. The compiler holds the source to that interface. */
export function exportsIn(source: string): string[] {
  const [, members] = /^interface \w+Exports \{$(.*?)^\}$/ms.exec(source) ?? [];
  const names = [...(members ?? '').matchAll(/^ {2}(\w+)[(:]/gm)].map(([, name]) => String(name));
  if (names.length === 0) throw new Error('The source declares no exports of its WebAssembly module.');
  return names;
}

/** @throws Error if the module lacks one of the exports */
export async function reduceWasm(bytes: Uint8Array, kept: readonly string[], library: string): Promise<Uint8Array> {
  // It has 15 MB, so it loads only when there is work for it.
  const { default: binaryen } = await import('binaryen');
  const module = binaryen.readBinary(bytes);
  const names = Array.from(
    { length: module.getNumExports() },
    (_, index) => binaryen.getExportInfo(module.getExportByIndex(index)).name,
  );
  const missing = kept.filter((name) => !names.includes(name));
  if (missing.length > 0) throw new Error(`${library} has no export ${missing.join(', ')}.`);
  for (const name of names) if (!kept.includes(name)) module.removeExport(name);
  module.runPasses(['remove-unused-module-elements']);
  return module.emitBinary();
}
