// A value that components follow: set it anywhere, whoever uses it is drawn again.
import { useEffect, useState } from 'preact/hooks';

export interface Store<Value> {
  get(): Value;
  set(value: Value): void;
  /** Calls back after every change, until the returned function is called. */
  follow(listener: () => void): () => void;
}

export function createStore<Value>(initial: Value): Store<Value> {
  let value = initial;
  const listeners = new Set<() => void>();
  return {
    get: () => value,
    set(next) {
      if (Object.is(next, value)) return;
      value = next;
      for (const listener of [...listeners]) listener();
    },
    follow(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

export function useStore<Value>(store: Store<Value>): Value {
  const [value, setValue] = useState(() => store.get());
  useEffect(() => {
    const update = () => setValue(() => store.get());
    update();
    return store.follow(update);
  }, [store]);
  return value;
}

/** A store that the browser remembers. What it cannot read, or may not keep, is the fallback. */
export function createKept<Value>(name: string, fallback: Value, isValid: (value: unknown) => boolean): Store<Value> {
  const key = `errand.${name}`;
  const store = createStore(readKept(key, fallback, isValid));
  store.follow(() => {
    try {
      localStorage.setItem(key, JSON.stringify(store.get()));
    } catch {
      // Private windows refuse; the choice then lasts as long as the page.
    }
  });
  return store;
}

function readKept<Value>(key: string, fallback: Value, isValid: (value: unknown) => boolean): Value {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(key) ?? 'null');
    return isValid(value) ? (value as Value) : fallback;
  } catch {
    return fallback;
  }
}
