// One live instance of a WebAssembly module, made when first needed. It never outlives a trap: after one, its stack and heap
// are in no known state.

export interface WasmExports {
  memory: WebAssembly.Memory;
}

export class WasmSlot<Exports extends WasmExports> {
  readonly #instantiate: () => Exports;
  #exports: Exports | undefined;

  constructor(instantiate: () => Exports) {
    this.#instantiate = instantiate;
  }

  /** Bytes of WebAssembly memory held now. Memory never shrinks, so right after a job this is the job's peak. */
  get heldBytes(): number {
    return this.#exports?.memory.buffer.byteLength ?? 0;
  }

  /** Runs one synchronous job. Whatever it throws, the instance, with all it had allocated, is thrown away. */
  run<T>(job: (exports: Exports) => T): T {
    this.#exports ??= this.#instantiate();
    try {
      return job(this.#exports);
    } catch (error) {
      this.#exports = undefined;
      throw error;
    }
  }

  /** Lets go of an instance that holds more than `maxBytes`. */
  trim(maxBytes: number): void {
    if (this.heldBytes > maxBytes) this.#exports = undefined;
  }
}
