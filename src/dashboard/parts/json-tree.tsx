// Shows JSON as a tree. Closed branches are not rendered, and long lists and texts are shown in portions, so that a value of
// several megabytes stays fast.
import { useState } from 'preact/hooks';
import { bytes, count, plural } from '../format.ts';
import { CopyButton } from './copy.tsx';

const ITEMS_AT_ONCE = 100;
const CHARACTERS_AT_ONCE = 600;
const MORE_CHARACTERS = 20_000;
/** Objects and lists are open at first down to this depth, and up to this number of items. */
const OPEN_DEPTH = 2;
const OPEN_ITEMS = 30;

/** `label` names the value for screen readers and for the copy button. */
export function JsonTree({ value, label }: { value: unknown; label: string }) {
  return (
    <div class="json">
      <div class="json-tools">
        <CopyButton text={JSON.stringify(value, null, 2) ?? ''} label={`Copy the ${label}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
      <section class="json-body" tabIndex={0} aria-label={label}>
        <JsonNode value={value} depth={0} />
      </section>
    </div>
  );
}

function JsonNode({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  if (typeof value === 'object' && value !== null) return <Branch name={name} value={value} depth={depth} />;
  return (
    <div class="json-leaf">
      {name !== undefined && <Name name={name} />}
      {typeof value === 'string' ? <JsonText text={value} /> : <span class="json-plain">{String(value)}</span>}
    </div>
  );
}

function Branch({ name, value, depth }: { name: string | undefined; value: object; depth: number }) {
  const list = Array.isArray(value);
  const names = Object.keys(value);
  const [open, setOpen] = useState(depth < OPEN_DEPTH && names.length <= OPEN_ITEMS);
  const [shown, setShown] = useState(ITEMS_AT_ONCE);
  const braces = list ? '[]' : '{}';
  if (names.length === 0)
    return (
      <div class="json-leaf">
        {name !== undefined && <Name name={name} />}
        <span class="json-plain">{braces}</span>
      </div>
    );
  return (
    <div class="json-branch">
      <button type="button" class="json-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
        {name !== undefined && <Name name={name} />}
        <span class="json-count">
          {braces[0]}
          {open ? '' : ` ${plural(names.length, list ? 'item' : 'field')} ${braces[1]}`}
        </span>
      </button>
      {open && (
        <div class="json-children">
          {names.slice(0, shown).map((child) => (
            <JsonNode key={child} name={child} value={(value as Record<string, unknown>)[child]} depth={depth + 1} />
          ))}
          {names.length > shown && (
            <button type="button" class="link-button" onClick={() => setShown(shown + ITEMS_AT_ONCE)}>
              Show {count(Math.min(ITEMS_AT_ONCE, names.length - shown))} of {count(names.length - shown)} more
            </button>
          )}
        </div>
      )}
    </div>
  );
}

function Name({ name }: { name: string }) {
  return <span class="json-name">{name.length > 200 ? `${name.slice(0, 200)}…` : name}</span>;
}

function JsonText({ text }: { text: string }) {
  const [shown, setShown] = useState(CHARACTERS_AT_ONCE);
  return (
    <span class="json-text">
      “{text.slice(0, shown)}
      {text.length > shown ? '…' : '”'}
      {text.length > shown && (
        <button type="button" class="link-button" onClick={() => setShown(shown + MORE_CHARACTERS)}>
          Show {bytes(Math.min(MORE_CHARACTERS, text.length - shown))} of {bytes(text.length - shown)} more
        </button>
      )}
    </span>
  );
}
