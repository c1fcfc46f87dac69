// Shows the error of a task that failed, was revoked, or waits for a retry.
import type { Task } from '../api.ts';
import { LongText } from './long-text.tsx';

const DOCS = 'https://github.com/errand-dev/errand/blob/main/docs/errors.md';

export function TaskErrorBox(props: {
  error: NonNullable<Task['error']>;
  traceback: string | undefined;
  final: boolean;
}) {
  const { error, traceback, final } = props;
  return (
    <section class={final ? 'card error-card' : 'card error-card error-card-retry'}>
      <h2>
        {final ? 'Error' : 'Error of the last attempt'}
        <a class="quiet" href={`${DOCS}#${error.code}`} target="_blank" rel="noreferrer">
          <code>{error.code}</code>
        </a>
      </h2>
      <div class="error-message">
        {error.type && error.type !== 'Error' && <span class="quiet">{error.type}: </span>}
        <LongText text={error.message} label="error message" />
      </div>
      {traceback && (
        <details>
          <summary>Traceback</summary>
          <LongText text={traceback} label="traceback" />
        </details>
      )}
    </section>
  );
}
