// JSON as a tree that opens part by part: what is closed is not drawn, long lists and texts come in portions, so that
// a megabyte costs no more than what is looked at.
import { useState } from 'preact/hooks';
import { bytes, count, plural } from '../format.ts';
import { CopyButton } from './copy.tsx';

const ITEMS_AT_ONCE = 100;
const CHARACTERS_AT_ONCE = 600;
const MORE_CHARACTERS = 20_000;
/** Objects and lists that are open at first: so deep, and no larger. */
const OPEN_DEPTH = 2;
const OPEN_ITEMS = 30;

/** `label` names it for those who hear the page, and for its copy button. */
export function JsonTree({ value, label }: { value: unknown; label: string }) {
  return (
    <div class="json">
      <div class="json-tools">
        <CopyButton text={JSON.stringify(value, null, 2) ?? ''} label={`Copy the ${label}`} />
      </div>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <section class="json-body" tabIndex={0} aria-label={label}>
        <Node value={value} depth={0} />
      </section>
    </div>
  );
}

function Node({ name, value, depth }: { name?: string; value: unknown; depth: number }) {
  if (typeof value === 'object' && value !== null) return <Branch name={name} value={value} depth={depth} />;
  return (
    <div class="json-leaf">
      {name !== undefined && <Name name={name} />}
      {typeof value === 'string' ? <Text text={value} /> : <span class="json-plain">{String(value)}</span>}
    </div>
  );
}

function Branch({ name, value, depth }: { name: string | undefined; value: object; depth: number }) {
  const list = Array.isArray(value);
  const keys = Object.keys(value);
  const [open, setOpen] = useState(depth < OPEN_DEPTH && keys.length <= OPEN_ITEMS);
  const [shown, setShown] = useState(ITEMS_AT_ONCE);
  const braces = list ? '[]' : '{}';
  if (keys.length === 0)
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
          {open ? '' : ` ${plural(keys.length, list ? 'item' : 'key')} ${braces[1]}`}
        </span>
      </button>
      {open && (
        <div class="json-children">
          {keys.slice(0, shown).map((key) => (
            <Node key={key} name={key} value={(value as Record<string, unknown>)[key]} depth={depth + 1} />
          ))}
          {keys.length > shown && (
            <button type="button" class="link-button" onClick={() => setShown(shown + ITEMS_AT_ONCE)}>
              {count(keys.length - shown)} more
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

function Text({ text }: { text: string }) {
  const [shown, setShown] = useState(CHARACTERS_AT_ONCE);
  return (
    <span class="json-text">
      “{text.slice(0, shown)}
      {text.length > shown ? '…' : '”'}
      {text.length > shown && (
        <button type="button" class="link-button" onClick={() => setShown(shown + MORE_CHARACTERS)}>
          {bytes(text.length - shown)} more
        </button>
      )}
    </span>
  );
}
