// Holds one live instance of a WebAssembly module, made when it is first needed. An instance must never be used again after
// a trap: its stack and heap may then be in any state.

export interface WasmExports {
  memory: WebAssembly.Memory;
}

export class WasmSlot<Exports extends WasmExports> {
  readonly #instantiate: () => Exports;
  #exports: Exports | undefined;

  constructor(instantiate: () => Exports) {
    this.#instantiate = instantiate;
  }

  /** The WebAssembly memory held now, in bytes. It never shrinks, so right after a job it is the most that the job held. */
  get heldBytes(): number {
    return this.#exports?.memory.buffer.byteLength ?? 0;
  }

  /** Runs one synchronous job. If the job throws, the instance and all its memory are dropped. */
  run<T>(job: (exports: Exports) => T): T {
    this.#exports ??= this.#instantiate();
    try {
      return job(this.#exports);
    } catch (error) {
      this.#exports = undefined;
      throw error;
    }
  }

  /** Drops an instance that holds more than `maxBytes`. */
  trim(maxBytes: number): void {
    if (this.heldBytes > maxBytes) this.#exports = undefined;
  }
}
