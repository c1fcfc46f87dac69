// A button that opens a panel below it. Escape, a click elsewhere or a button in the panel closes it.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef, useState } from 'preact/hooks';
import { Icon, type IconName } from './icon.tsx';
import { useLayer } from './layers.ts';

export function Menu(props: { icon?: IconName; label: string; children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const ref = useRef<HTMLDivElement>(null);
  const opener = useRef<HTMLButtonElement>(null);
  const panel = useId();
  useLayer(open);
  useEffect(() => {
    if (!open) return;
    const elsewhere = (event: Event) => {
      if (event.target instanceof Node && !ref.current?.contains(event.target)) setOpen(false);
    };
    const onEscape = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false);
    document.addEventListener('pointerdown', elsewhere);
    document.addEventListener('keydown', onEscape);
    return () => {
      document.removeEventListener('pointerdown', elsewhere);
      document.removeEventListener('keydown', onEscape);
    };
  }, [open]);
  const closeAfter = (event: Event) => {
    if (!(event.target instanceof Element && event.target.closest('button'))) return;
    // A dialog that the button opens gives the focus back to the opener.
    opener.current?.focus();
    setOpen(false);
  };
  return (
    <div class="menu" ref={ref}>
      <button
        type="button"
        class="button"
        ref={opener}
        aria-expanded={open}
        aria-controls={open ? panel : undefined}
        onClick={() => setOpen(!open)}
      >
        {props.icon && <Icon name={props.icon} />}
        {props.label}
        <Icon name="down" />
      </button>
      {open && (
        // biome-ignore lint/a11y/noStaticElementInteractions lint/a11y/useKeyWithClickEvents: only hears the clicks on its buttons
        <div class="menu-panel" id={panel} onClick={closeAfter}>
          {props.children}
        </div>
      )}
    </div>
  );
}
