// The fields of a form that say what a schedule starts: a task with its input, or a workflow as JSON with examples to begin with.
import type { Definition } from '../api.ts';
import { compactJson } from '../compact-json.ts';
import { sampleOf } from '../sample.ts';
import { WORKFLOW_EXAMPLES } from '../workflow-examples.ts';
import { outlineOf } from '../workflow-outline.ts';
import type { FaultsOf } from './dialog.tsx';
import { Field } from './field.tsx';

/** What is written so far. Both are kept while the reader changes from one to the other. */
export interface Starts {
  kind: 'task' | 'workflow';
  task: string;
  input: string;
  workflow: string;
}

export const FIRST_STARTS: Starts = {
  kind: 'task',
  task: '',
  input: '{}',
  workflow: compactJson(WORKFLOW_EXAMPLES.Graph),
};

interface Props {
  starts: Starts;
  definitions: readonly Definition[];
  faultsOf: FaultsOf;
  onChange(starts: Starts): void;
}

export function StartsFields(props: Props) {
  const { starts, onChange } = props;
  return (
    <>
      <fieldset class="segments" aria-label="Starts">
        {(['task', 'workflow'] as const).map((kind) => (
          <button
            type="button"
            key={kind}
            aria-pressed={starts.kind === kind}
            onClick={() => onChange({ ...starts, kind })}
          >
            {kind === 'task' ? 'Starts a task' : 'Starts a workflow'}
          </button>
        ))}
      </fieldset>
      {starts.kind === 'task' ? <TaskFields {...props} /> : <WorkflowFields {...props} />}
      <p class="quiet">
        <code>{'{{scheduled_at}}'}</code> and <code>{'{{scheduled_date}}'}</code> in a text of an input become the time
        and the date of the firing.
      </p>
    </>
  );
}

function TaskFields({ starts, definitions, faultsOf, onChange }: Props) {
  const chooseTask = (task: string) => {
    const schema = definitions.find(({ name }) => name === task)?.input_schema;
    onChange({ ...starts, task, input: compactJson(sampleOf(schema)) });
  };
  return (
    <>
      <Field label="Definition" faults={faultsOf('task')}>
        {(described) => (
          <select
            required
            value={starts.task}
            onChange={(event) => chooseTask(event.currentTarget.value)}
            {...described}
          >
            <option value="">Choose …</option>
            {definitions.map(({ name }) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        )}
      </Field>
      <Field label="Input (JSON)" faults={faultsOf('input')}>
        {(described) => (
          <textarea
            class="code"
            rows={6}
            spellcheck={false}
            value={starts.input}
            onInput={(event) => onChange({ ...starts, input: event.currentTarget.value })}
            {...described}
          />
        )}
      </Field>
    </>
  );
}

function WorkflowFields({ starts, faultsOf, onChange }: Props) {
  const { workflow } = starts;
  return (
    <>
      <fieldset class="examples">
        <legend>Begin with an example</legend>
        {Object.entries(WORKFLOW_EXAMPLES).map(([title, example]) => (
          <button
            type="button"
            class="button"
            key={title}
            onClick={() => onChange({ ...starts, workflow: compactJson(example) })}
          >
            {title}
          </button>
        ))}
      </fieldset>
      <Field label="Workflow (JSON)" faults={faultsOf('workflow')}>
        {(described) => (
          <textarea
            class="code"
            rows={Math.min(18, Math.max(8, workflow.split('\n').length + 1))}
            spellcheck={false}
            value={workflow}
            onInput={(event) => onChange({ ...starts, workflow: event.currentTarget.value })}
            {...described}
          />
        )}
      </Field>
      <WorkflowInWords text={workflow} />
    </>
  );
}

function WorkflowInWords({ text }: { text: string }) {
  const outline = outlineOf(parsed(text));
  return (
    <p class="quiet" role="status">
      {outline ? (
        <>
          A {outline.kind}: {outline.parts}
        </>
      ) : (
        'Write a workflow as POST /workflows takes it.'
      )}
    </p>
  );
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
