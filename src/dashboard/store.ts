// A value that components follow: when it is set, every component that uses it renders again.
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

/** A store that is kept in localStorage. If the stored value cannot be read or is not valid, the fallback is used. */
export function createKept<Value>(name: string, fallback: Value, isValid: (value: unknown) => boolean): Store<Value> {
  const storageName = `errand.${name}`;
  const store = createStore(readKept(storageName, fallback, isValid));
  store.follow(() => {
    try {
      localStorage.setItem(storageName, JSON.stringify(store.get()));
    } catch {
      // A private window may refuse to store it. The value then lasts until the page is closed.
    }
  });
  return store;
}

function readKept<Value>(storageName: string, fallback: Value, isValid: (value: unknown) => boolean): Value {
  try {
    const value: unknown = JSON.parse(localStorage.getItem(storageName) ?? 'null');
    return isValid(value) ? (value as Value) : fallback;
  } catch {
    return fallback;
  }
}
