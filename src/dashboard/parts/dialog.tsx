// Modal dialogs, built on <dialog>: the browser keeps the focus inside and closes them on Escape.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { type FieldFault, sortFaults } from '../field-faults.ts';
import { ApiError } from '../send.ts';
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

/** The messages for a field of the form, by its name in the API. */
export type FaultsOf = (field: string) => readonly FieldFault[];

/** A dialog with a form. An error that `submit` throws is shown in the form: what is about one of `fields`, beside that field. */
export function FormDialog(props: {
  title: string;
  action: string;
  danger?: boolean;
  wide?: boolean;
  /** False while the action cannot be taken yet. */
  ready?: boolean;
  /** Fields that show their own messages. */
  fields?: readonly string[];
  submit(): Promise<void>;
  onClose(): void;
  children: ComponentChildren | ((faultsOf: FaultsOf) => ComponentChildren);
}) {
  const form = useRef<HTMLFormElement>(null);
  const { busy, error, submit } = useSubmit(props.submit);
  const { byField, others } = sortFaults(error, props.fields ?? []);
  useEffect(() => form.current?.querySelector<HTMLElement>('[aria-invalid]')?.focus(), [error]);
  const { children } = props;
  return (
    <Dialog title={props.title} onClose={props.onClose} wide={props.wide ?? false}>
      <form onSubmit={submit} class="form" ref={form}>
        {typeof children === 'function' ? children((field) => byField.get(field) ?? []) : children}
        {error && <Problem error={byField.size > 0 ? withIssues(error, others) : error} compact />}
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

/** The error without what stands beside the fields. */
function withIssues(error: Error, issues: FieldFault[]): Error {
  if (!(error instanceof ApiError)) return new Error('A field has a fault.');
  return new ApiError(error.status, error.code, error.title, '', issues, error.requestId);
}
