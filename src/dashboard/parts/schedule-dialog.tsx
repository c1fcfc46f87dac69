// A dialog that creates a schedule of a task or of a workflow.
import { useState } from 'preact/hooks';
import { api, type NewSchedule } from '../api.ts';
import { FieldError } from '../field-faults.ts';
import { refreshAll, useLive } from '../live.ts';
import { parseJson } from '../parse-json.ts';
import { FormDialog } from './dialog.tsx';
import { Field } from './field.tsx';
import { firstRule, RuleFields, ruleJson } from './schedule-rule.tsx';
import { FIRST_STARTS, type Starts, StartsFields } from './schedule-starts.tsx';
import { Problem } from './states.tsx';
import { showToast } from './toast.tsx';

const FIELDS = ['name', 'task', 'input', 'workflow', 'cron', 'every', 'timezone'];

export function ScheduleDialog({ onClose }: { onClose(): void }) {
  const { data, error } = useLive((signal) => api.definitions(signal), [], { off: true });
  const [name, setName] = useState('');
  const [starts, setStarts] = useState(FIRST_STARTS);
  const [rule, setRule] = useState(firstRule);
  const submit = async () => {
    await api.createSchedule({ name, ...startsJson(starts), ...ruleJson(rule), catchup: 'latest', overlap: 'skip' });
    showToast(`The schedule ${name} is created.`);
    refreshAll();
    onClose();
  };
  return (
    <FormDialog title="New schedule" action="Create schedule" fields={FIELDS} submit={submit} onClose={onClose} wide>
      {(faultsOf) => (
        <>
          {error && <Problem error={error} compact />}
          <Field label="Name" faults={faultsOf('name')}>
            {(described) => (
              <input
                required
                maxLength={100}
                value={name}
                onInput={(event) => setName(event.currentTarget.value)}
                {...described}
              />
            )}
          </Field>
          <StartsFields starts={starts} definitions={data?.items ?? []} faultsOf={faultsOf} onChange={setStarts} />
          <RuleFields rule={rule} faultsOf={faultsOf} onChange={setRule} />
        </>
      )}
    </FormDialog>
  );
}

function startsJson({ kind, task, input, workflow }: Starts): Pick<NewSchedule, 'task' | 'input' | 'workflow'> {
  if (kind === 'task') return { task, input: read('input', input) };
  // The API refuses JSON that is not an object, and says so beside the field.
  return { workflow: read('workflow', workflow) as Record<string, unknown> };
}

/** Throws FieldError. */
function read(field: string, text: string): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    throw new FieldError(field, error instanceof Error ? error.message : String(error));
  }
}
