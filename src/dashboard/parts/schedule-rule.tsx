// The fields of a form that say when a schedule fires.
import { cronInWords, everyInWords } from '../rule.ts';
import type { FaultsOf } from './dialog.tsx';
import { Field } from './field.tsx';

export interface Rule {
  kind: 'cron' | 'every';
  /** The cron line, or the seconds. */
  when: string;
  timezone: string;
}

const FIRST = { cron: '0 9 * * MON', every: '3600' };

export function firstRule(): Rule {
  return {
    kind: 'cron',
    when: FIRST.cron,
    timezone: Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC',
  };
}

export const ruleJson = ({ kind, when, timezone }: Rule) => ({
  ...(kind === 'cron' ? { cron: when } : { every: Number(when) }),
  timezone,
});

export function RuleFields(props: { rule: Rule; faultsOf: FaultsOf; onChange(rule: Rule): void }) {
  const { rule, faultsOf, onChange } = props;
  const { kind, when, timezone } = rule;
  const inWords = kind === 'cron' ? cronInWords(when)?.concat(`, in ${timezone}`) : everyInWords(Number(when));
  return (
    <>
      <div class="field-row">
        <label class="field">
          <span>When</span>
          <select
            value={kind}
            onChange={(event) => {
              const chosen = event.currentTarget.value === 'every' ? 'every' : 'cron';
              onChange({ ...rule, kind: chosen, when: FIRST[chosen] });
            }}
          >
            <option value="cron">At certain times (cron)</option>
            <option value="every">Every N seconds</option>
          </select>
        </label>
        <Field label={kind === 'cron' ? 'Cron' : 'Seconds'} faults={faultsOf(kind)}>
          {(described) => (
            <input
              required
              class="code"
              value={when}
              onInput={(event) => onChange({ ...rule, when: event.currentTarget.value })}
              {...described}
            />
          )}
        </Field>
        <Field label="Time zone" faults={faultsOf('timezone')}>
          {(described) => (
            <input
              required
              value={timezone}
              onInput={(event) => onChange({ ...rule, timezone: event.currentTarget.value })}
              {...described}
            />
          )}
        </Field>
      </div>
      <p class="quiet">
        {inWords ?? (kind === 'cron' ? 'Enter a valid cron expression.' : 'Enter a number of seconds above 0.')}
      </p>
    </>
  );
}
