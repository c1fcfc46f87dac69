// How an attempt is ended from outside: a signal for its code, and a promise for those who wait for it.

/** `aborted` rejects with the reason; `throwIfAborted` throws it. */
export function createAbortion() {
  const aborted = Promise.withResolvers<never>();
  // Made when first asked for: most tasks never look at their signal, and ten thousand controllers cost more than they do.
  let controller: AbortController | undefined;
  let abortedBy: Error | undefined;
  return {
    aborted: aborted.promise,
    signal: () => {
      controller ??= new AbortController();
      if (abortedBy && !controller.signal.aborted) controller.abort(abortedBy);
      return controller.signal;
    },
    abort(reason: Error) {
      abortedBy ??= reason;
      controller?.abort(abortedBy);
      aborted.reject(abortedBy);
    },
    throwIfAborted() {
      if (abortedBy) throw abortedBy;
    },
  };
}
