import { describe, expect, it, vi } from 'vitest';
import { lazy } from '../src/lazy.ts';

describe('a lazy value', () => {
  it('is made with the first call, and only then', () => {
    const make = vi.fn(() => ({ made: true }));
    const value = lazy(make);
    expect(make).not.toHaveBeenCalled();
    expect(value()).toBe(value());
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('is made once, also when it is undefined', () => {
    const make = vi.fn(() => undefined);
    const value = lazy(make);
    value();
    value();
    expect(make).toHaveBeenCalledTimes(1);
  });

  it('is tried again after an error', () => {
    const make = vi
      .fn(() => 1)
      .mockImplementationOnce(() => {
        throw new Error('not yet');
      });
    const value = lazy(make);
    expect(value).toThrow('not yet');
    expect(value()).toBe(1);
  });
});
