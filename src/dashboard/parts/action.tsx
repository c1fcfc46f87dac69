// A button that does something at the API: once at a time, with a note about how it went.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { refreshAll } from '../live.ts';
import { FormDialog } from './dialog.tsx';
import { Icon, type IconName } from './icon.tsx';
import { type Link, tell, tellError } from './toast.tsx';

interface Props<Reply> {
  icon?: IconName;
  label: string;
  /** Said when it is done. */
  done: string;
  act(): Promise<Reply>;
  /** Where to see what came of it; stands beside `done`. */
  link?(reply: Reply): Link;
  main?: boolean;
  danger?: boolean;
  /** Asked before, when what follows cannot be taken back. */
  confirm?: ComponentChildren;
  /** Names the thing for those who hear the page: `Pause high`. */
  about?: string;
}

export function Action<Reply>(props: Props<Reply>) {
  const [busy, setBusy] = useState(false);
  const [asking, setAsking] = useState(false);
  const perform = async () => {
    const reply = await props.act();
    tell(props.done, props.link && { link: props.link(reply) });
    refreshAll();
  };
  const click = async () => {
    if (props.confirm) return setAsking(true);
    setBusy(true);
    await perform().catch(tellError);
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
      {asking && (
        <FormDialog
          title={`${props.label}?`}
          action={props.label}
          danger={props.danger ?? false}
          onClose={() => setAsking(false)}
          submit={async () => {
            await perform();
            setAsking(false);
          }}
        >
          {props.confirm}
        </FormDialog>
      )}
    </>
  );
}
