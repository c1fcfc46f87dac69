import { describe, expect, it } from 'vitest';
import { WasmSlot } from '../../src/images/wasm-slot.ts';

function aSlot() {
  let made = 0;
  const slot = new WasmSlot(() => {
    made++;
    return { memory: new WebAssembly.Memory({ initial: 1 }) };
  });
  return { slot, made: () => made };
}

describe('a slot for a WebAssembly instance', () => {
  it('makes the instance with the first job, and uses it again', () => {
    const { slot, made } = aSlot();
    expect([slot.heldBytes, made()]).toEqual([0, 0]);

    expect(slot.run(() => 'done')).toBe('done');
    slot.run(() => {});

    expect([slot.heldBytes, made()]).toEqual([65_536, 1]);
  });

  it('drops the instance when a job throws', () => {
    const { slot, made } = aSlot();

    expect(() =>
      slot.run(() => {
        throw new WebAssembly.RuntimeError('unreachable');
      }),
    ).toThrow('unreachable');
    expect(slot.heldBytes).toBe(0);
    slot.run(() => {});

    expect(made()).toBe(2);
  });

  it('drops an instance that has grown beyond the limit', () => {
    const { slot } = aSlot();
    slot.run(({ memory }) => memory.grow(1));

    slot.trim(131_072);
    expect(slot.heldBytes).toBe(131_072);
    slot.trim(131_071);
    expect(slot.heldBytes).toBe(0);
  });
});
