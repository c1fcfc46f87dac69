// Hooks around every task of this Worker, in the order in which they run. docs/guides/tasks.md#hooks has an example.
import type { Hooks } from '../engine/index.ts';

export const hooks: readonly Hooks[] = [];
