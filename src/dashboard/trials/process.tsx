// A trial of the playground. A chain of three tasks over any JSON object.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { parseJson } from '../parse-json.ts';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';
import { to } from '../router.ts';

export function Process() {
  const [text, setText] = useState('{ "name": " Ada ", "year": 1843, "tags": [" engine "] }');
  const [workflow, setWorkflow] = useState('');
  return (
    <Trial
      title="A chain of three tasks"
      about="The tasks validate, process and save a JSON object. Each takes the result of the task before it."
      action="Start chain"
      start={async () => {
        const reply = await api.process(parseJson(text) as Record<string, never>);
        setWorkflow(reply.workflow_id);
        return reply.task_id;
      }}
      watch={(id) => (
        <Watched id={id} key={id}>
          {() => <a href={to(`/workflows/${workflow}`)}>Show the workflow</a>}
        </Watched>
      )}
    >
      <label class="field">
        <span>Any JSON object</span>
        <textarea
          class="code"
          rows={2}
          spellcheck={false}
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
    </Trial>
  );
}
