// Shows a text of any length, such as a traceback: its first lines, and more with each click.
import { useState } from 'preact/hooks';
import { count } from '../format.ts';
import { CopyButton } from './copy.tsx';

const LINES_AT_FIRST = 12;
const MORE_LINES = 500;
/** Longer lines are cut. The copy button copies the whole text. */
const LINE_CHARACTERS = 2000;

export function LongText({ text, label }: { text: string; label: string }) {
  const [shown, setShown] = useState(LINES_AT_FIRST);
  const lines = text.split('\n');
  const visible = lines
    .slice(0, shown)
    .map((line) => (line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line));
  return (
    <div class="long-text">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
      <section tabIndex={0} aria-label={label}>
        <pre>{visible.join('\n')}</pre>
      </section>

      <CopyButton text={text} label={`Copy the ${label}`} />
      {lines.length > shown && (
        <button type="button" class="link-button" onClick={() => setShown(shown + MORE_LINES)}>
          Show {count(Math.min(MORE_LINES, lines.length - shown))} of {count(lines.length - shown)} more lines
        </button>
      )}
    </div>
  );
}
