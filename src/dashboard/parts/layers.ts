// Counts the open dialogs and menus. While there is one, lists stand still.
import { useEffect } from 'preact/hooks';
import { createStore } from '../store.ts';

export const openLayers = createStore(0);

/** Counts the calling component while `open` is true. */
export function useLayer(open: boolean): void {
  useEffect(() => {
    if (!open) return;
    openLayers.set(openLayers.get() + 1);
    return () => openLayers.set(openLayers.get() - 1);
  }, [open]);
}
