// One example of the playground: a form, a button and the outcome.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { Problem } from './states.tsx';
import { useSubmit } from './use-submit.ts';

export function Trial(props: {
  title: string;
  about: string;
  action: string;
  /** False while the form is incomplete. */
  ready?: boolean;
  /** Starts the example. Resolves with the id or tag that `watch` receives. */
  start(): Promise<string>;
  watch(started: string): ComponentChildren;
  children?: ComponentChildren;
}) {
  const [started, setStarted] = useState<string>();
  const { busy, error, submit } = useSubmit(() => props.start().then(setStarted));
  return (
    <section class="card trial" aria-label={props.title}>
      <form onSubmit={submit} class="form">
        <h2>{props.title}</h2>
        <p class="quiet">{props.about}</p>
        {props.children}
        <button type="submit" class="button button-main" disabled={busy || props.ready === false}>
          {busy ? 'Working …' : props.action}
        </button>
      </form>
      {error && <Problem error={error} compact />}
      {started !== undefined && <div class="trial-result">{props.watch(started)}</div>}
    </section>
  );
}
