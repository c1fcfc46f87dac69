// The input or the result of a task: a tree, pictures where it names some, and a download where it is large.
import { useState } from 'preact/hooks';
import { api, fileUrl } from '../api.ts';
import { bytes } from '../format.ts';
import { JsonTree } from './json-tree.tsx';
import { Problem } from './states.tsx';
import { useSubmit } from './use-submit.ts';

export function Payload(props: { title: 'Input' | 'Result'; value: unknown; url: string | undefined; taskId: string }) {
  const { title, value, url } = props;
  return (
    <section class="card">
      <h2>
        {title}
        <a
          class="quiet"
          href={`/tasks/${props.taskId}/${title.toLowerCase()}`}
          download={`${title.toLowerCase()}.json`}
        >
          Download
        </a>
      </h2>
      {url ? <LargePayload url={url} title={title} /> : <JsonTree value={value} label={title} />}
      {title === 'Result' && <Pictures value={value} />}
    </section>
  );
}

/** Not in the task's own reply because of its size: loaded when asked. */
function LargePayload({ url, title }: { url: string; title: string }) {
  const [text, setText] = useState<string>();
  const { busy, error, submit } = useSubmit(() => api.text(url).then(setText));
  if (text !== undefined)
    return (
      <>
        <p class="quiet">{bytes(text.length)} of JSON</p>
        <JsonTree value={JSON.parse(text)} label={title} />
      </>
    );
  return (
    <div class="large">
      <p>It is too large to be loaded with the task.</p>
      {error && <Problem error={error} compact />}
      <button type="button" class="button" disabled={busy} onClick={submit}>
        {busy ? 'Loading …' : 'Load it'}
      </button>
    </div>
  );
}

/** What a result says of files that this project wrote. */
function Pictures({ value }: { value: unknown }) {
  const outputs = (value as { outputs?: unknown } | null)?.outputs;
  const pictures = (Array.isArray(outputs) ? outputs : []).flatMap((output) => {
    const { key, content_type: type } = (output ?? {}) as { key?: unknown; content_type?: unknown };
    const isPicture = typeof key === 'string' && key.startsWith('outputs/') && String(type).startsWith('image/');
    return isPicture ? [key] : [];
  });
  if (pictures.length === 0) return null;
  return (
    <div class="pictures">
      {pictures.slice(0, 12).map((key) => (
        <a href={fileUrl(key)} target="_blank" rel="noreferrer" key={key}>
          <img src={fileUrl(key)} alt={`Output ${key}`} loading="lazy" />
        </a>
      ))}
    </div>
  );
}
