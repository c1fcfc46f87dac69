// own-names.ts puts calls of this into each file of src.
export const __name = (target, value) => Object.defineProperty(target, 'name', { value, configurable: true });
