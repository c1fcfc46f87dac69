// A table that scrolls sideways in a narrow window.
import type { ComponentChildren } from 'preact';

export function Table(props: { label: string; head: ComponentChildren; children: ComponentChildren }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard
    <section class="table-scroll" tabIndex={0} aria-label={props.label}>
      <table class="table">
        <thead>
          <tr>{props.head}</tr>
        </thead>
        <tbody>{props.children}</tbody>
      </table>
    </section>
  );
}
