// Shows the input or the result of a task as a tree, with the pictures that a result names.
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

/** A payload that is too large for the task's own reply. It is loaded by a click. */
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
      <p>This {title.toLowerCase()} is too large to load with the task.</p>
      {error && <Problem error={error} compact />}
      <button type="button" class="button" disabled={busy} onClick={submit}>
        {busy ? 'Loading …' : `Load ${title.toLowerCase()}`}
      </button>
    </div>
  );
}

/** The pictures among the `outputs` of a result. Shows only files that tasks wrote, never uploads. */
function Pictures({ value }: { value: unknown }) {
  const outputs = (value as { outputs?: unknown } | null)?.outputs;
  const pictures = (Array.isArray(outputs) ? outputs : []).flatMap((output) => {
    const { key: fileKey, content_type: type } = (output ?? {}) as { key?: unknown; content_type?: unknown };
    const isOutput = typeof fileKey === 'string' && fileKey.startsWith('outputs/');
    return isOutput && String(type).startsWith('image/') ? [fileKey] : [];
  });
  if (pictures.length === 0) return null;
  return (
    <div class="pictures">
      {pictures.slice(0, 12).map((fileKey) => (
        <a href={fileUrl(fileKey)} target="_blank" rel="noreferrer" key={fileKey}>
          <img src={fileUrl(fileKey)} alt={`Output ${fileKey}`} loading="lazy" />
        </a>
      ))}
    </div>
  );
}
