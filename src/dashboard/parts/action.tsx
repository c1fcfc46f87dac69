// A button that calls the API, with an optional confirmation dialog. Shows a note when the call succeeds or fails.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { refreshAll } from '../live.ts';
import { FormDialog } from './dialog.tsx';
import { Icon, type IconName } from './icon.tsx';
import { type Link, showError, showToast } from './toast.tsx';

interface Props<Reply> {
  icon?: IconName;
  label: string;
  /** The note after a successful call. */
  done: string;
  act(): Promise<Reply>;
  /** A link to the outcome, shown beside `done`. */
  link?(reply: Reply): Link;
  main?: boolean;
  danger?: boolean;
  /** A dialog before the call, for effects that cannot be undone. `action` is the text of its button. */
  confirm?: { title: string; action: string; consequences: ComponentChildren };
  /** Completes the label for screen readers: `Pause` + `high`. */
  about?: string;
}

export function Action<Reply>(props: Props<Reply>) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const perform = async () => {
    const reply = await props.act();
    showToast(props.done, props.link && { link: props.link(reply) });
    refreshAll();
  };
  const click = async () => {
    if (props.confirm) return setAsking(true);
    setBusy(true);
    await perform().catch(showError);
    setBusy(false);
  };
  const kind = props.main ? ' button-main' : props.danger ? ' button-danger' : '';
  return (
    <>
      <button
        type="button"
        class={`button${kind}`}
        disabled={busy}
        onClick={click}
        {...(props.about && { 'aria-label': `${props.label} ${props.about}` })}
      >
        {props.icon && <Icon name={props.icon} />}
        {props.label}
      </button>
      {asking && props.confirm && (
        <FormDialog
          title={props.confirm.title}
          action={props.confirm.action}
          danger={props.danger ?? false}
          onClose={() => setAsking(false)}
          submit={async () => {
            await perform();
            setAsking(false);
          }}
        >
          {props.confirm.consequences}
        </FormDialog>
      )}
    </>
  );
}
