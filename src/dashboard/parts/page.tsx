// The frame of a page: its title, a line about it, and its actions.
import type { ComponentChildren } from 'preact';
import { useEffect } from 'preact/hooks';
import type { Live } from '../live.ts';
import { Problem, Skeleton } from './states.tsx';
import { ListVersion } from './still.tsx';

export function Page(props: {
  title: string;
  /** The window's title, if it differs from the heading. */
  windowTitle?: string;
  about?: ComponentChildren;
  actions?: ComponentChildren;
  above?: ComponentChildren;
  children: ComponentChildren;
}) {
  const name = props.windowTitle ?? props.title;
  useEffect(() => {
    document.title = `${name} · Errand`;
  }, [name]);
  return (
    <>
      <header class="page-head">
        <div>
          {props.above}
          <h1>{props.title}</h1>
          {props.about && <div class="page-about">{props.about}</div>}
        </div>
        {props.actions && <div class="page-actions">{props.actions}</div>}
      </header>
      {props.children}
    </>
  );
}

/** Shows loaded data. Before the first load: a skeleton. If a load fails: the error, over older data if there is any. */
export function Loaded<Data>(props: { live: Live<Data>; rows?: number; children(data: Data): ComponentChildren }) {
  const { data, error, stale, version } = props.live;
  if (data === undefined) {
    return error ? <Problem error={error} /> : <Skeleton rows={props.rows ?? 8} />;
  }
  return (
    <div class={stale ? 'loaded loaded-stale' : 'loaded'} aria-busy={stale}>
      <ListVersion.Provider value={version}>{props.children(data)}</ListVersion.Provider>
      {error && error.name !== 'LostConnection' && <Problem error={error} compact />}
    </div>
  );
}
