// Buttons that copy, and commands to copy.
import { useState } from 'preact/hooks';
import { isOpenMode } from '../session.ts';
import { Icon } from './icon.tsx';
import { tell } from './toast.tsx';

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return tell('The browser did not let this page copy. Select the text instead.', { bad: true });
    }
    setDone(true);
    setTimeout(() => setDone(false), 1500);
  };
  return (
    <button type="button" class="icon-button" aria-label={done ? 'Copied' : label} title={label} onClick={copy}>
      <Icon name={done ? 'check' : 'copy'} />
    </button>
  );
}

/** A shell command, ready to be copied. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} label="Copy the command" />
    </div>
  );
}

/** `curl` of a JSON request to this very Worker; with the place of a key, where one is needed. */
export function curl(method: string, path: string, json?: unknown): string {
  const flags = method === 'GET' || (method === 'POST' && json !== undefined) ? '' : ` -X ${method}`;
  const body =
    json === undefined
      ? ''
      : ` \\\n  -H 'content-type: application/json' \\\n  -d '${JSON.stringify(json).replaceAll("'", "'\\''")}'`;
  return `curl -s${flags} ${location.origin}${path}${key()}${body}`;
}

/** `curl` of a form with one file. */
export function curlUpload(path: string, file: string): string {
  return `curl -s ${location.origin}${path}${key()} \\\n  -F file=@${file}`;
}

function key(): string {
  return isOpenMode() ? '' : ` \\\n  -H "authorization: Bearer $ERRAND_KEY"`;
}

/** An id that can be copied. */
export function Id({ id }: { id: string }) {
  return (
    <span class="id">
      <code>{id}</code>
      <CopyButton text={id} label="Copy the id" />
    </span>
  );
}
