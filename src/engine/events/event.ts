// Events from outside, and what became of one that was sent. Types only.

export interface NewEvent {
  /** Lower-case words with dots, such as `order.paid`. */
  type: string;
  /** Only waits with the same key count. Default: only waits without a key. */
  key?: string | undefined;
  /** Any JSON. Default: null. */
  payload?: unknown;
  /** Sent twice, it is one event. Default: a new one. */
  id?: string | undefined;
}

export interface EventReceipt {
  id: string;
  /** Epoch milliseconds. */
  at: number;
  /** True when an event with this id was sent before: nothing more happened. */
  duplicate: boolean;
  /** How many steps waited for it. */
  woken: number;
  /** The tasks of definitions that start on it. */
  taskIds: string[];
}
