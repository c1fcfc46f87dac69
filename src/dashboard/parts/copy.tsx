// Buttons that copy, and commands to copy.
import { useState } from 'preact/hooks';
import { isOpenMode } from '../session.ts';
import { Icon } from './icon.tsx';
import { showToast } from './toast.tsx';

export function CopyButton({ text, label }: { text: string; label: string }) {
  const [done, setDone] = useState(false);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      return showToast('The browser did not allow copying. Select the text and copy it yourself.', { bad: true });
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

/** A shell command with a copy button. */
export function Command({ text }: { text: string }) {
  return (
    <div class="command">
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a scrollable area must be reachable by keyboard */}
      <pre tabIndex={0}>{text}</pre>
      <CopyButton text={text} label="Copy the command" />
    </div>
  );
}

/** A `curl` command for a JSON request to this Worker. Reads the API key, if one is needed, from $ERRAND_KEY. */
export function curl(method: string, path: string, json?: unknown): string {
  const flags = method === 'GET' || (method === 'POST' && json !== undefined) ? '' : ` -X ${method}`;
  const body =
    json === undefined
      ? ''
      : ` \\\n  -H 'content-type: application/json' \\\n  -d '${JSON.stringify(json).replaceAll("'", "'\\''")}'`;
  return `curl -s${flags} ${location.origin}${path}${authorization()}${body}`;
}

/** A `curl` command that uploads one file. */
export function curlUpload(path: string, file: string): string {
  return `curl -s ${location.origin}${path}${authorization()} \\\n  -F file=@${file}`;
}

function authorization(): string {
  return isOpenMode() ? '' : ` \\\n  -H "authorization: Bearer $ERRAND_KEY"`;
}

/** A text, such as an id, with a copy button. */
export function Id({ id }: { id: string }) {
  return (
    <span class="id">
      <code>{id}</code>
      <CopyButton text={id} label="Copy the id" />
    </span>
  );
}
