// Log lines of a task, each with its time and fields.
import type { Attempt } from '../api.ts';
import { absolute } from '../format.ts';

export function LogLines({ lines, label }: { lines: Attempt['logs']; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
    <section class="logs" tabIndex={0} aria-label={label}>
      {lines.map(({ at, message, fields }, index) => (
        <div class="log-line" key={`${at}-${index}`}>
          <time datetime={at} title={absolute(at)}>
            {at.slice(11, 23)}
          </time>
          <span>{message}</span>
          {fields && <code class="quiet">{JSON.stringify(fields)}</code>}
        </div>
      ))}
    </section>
  );
}
