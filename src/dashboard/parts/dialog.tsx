// Modal dialogs, built on <dialog>: the browser keeps the focus inside and closes them on Escape.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { Icon } from './icon.tsx';
import { useLayer } from './layers.ts';
import { Problem } from './states.tsx';
import { useSubmit } from './use-submit.ts';

export function Dialog(props: { title: string; onClose(): void; children: ComponentChildren; wide?: boolean }) {
  const ref = useRef<HTMLDialogElement>(null);
  const title = useId();
  useLayer(true);
  useEffect(() => {
    const before = document.activeElement;
    ref.current?.showModal();
    return () => {
      if (before instanceof HTMLElement) before.focus();
    };
  }, []);
  return (
    <dialog
      ref={ref}
      class={props.wide ? 'dialog dialog-wide' : 'dialog'}
      aria-labelledby={title}
      onClose={props.onClose}
      onCancel={props.onClose}
    >
      <header>
        <h2 id={title}>{props.title}</h2>
        <button type="button" class="icon-button" aria-label="Close" onClick={props.onClose}>
          <Icon name="close" />
        </button>
      </header>
      {props.children}
    </dialog>
  );
}

/** A dialog with a form. An error that `submit` throws is shown in the form. */
export function FormDialog(props: {
  title: string;
  action: string;
  danger?: boolean;
  wide?: boolean;
  /** False while the action cannot be taken yet. */
  ready?: boolean;
  submit(): Promise<void>;
  onClose(): void;
  children: ComponentChildren;
}) {
  const { busy, error, submit } = useSubmit(props.submit);
  return (
    <Dialog title={props.title} onClose={props.onClose} wide={props.wide ?? false}>
      <form onSubmit={submit} class="form">
        {props.children}
        {error && <Problem error={error} compact />}
        <footer>
          <button type="button" class="button" onClick={props.onClose}>
            Cancel
          </button>
          <button
            type="submit"
            class={props.danger ? 'button button-danger' : 'button button-main'}
            disabled={busy || props.ready === false}
          >
            {busy ? 'Working …' : props.action}
          </button>
        </footer>
      </form>
    </Dialog>
  );
}
