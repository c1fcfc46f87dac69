// A labelled field of a form. What the API says against its value stands below it.
import type { ComponentChildren } from 'preact';
import { useId } from 'preact/hooks';
import type { FieldFault } from '../field-faults.ts';

/** For the input, select or textarea: links it with its label and the messages. */
interface Described {
  id: string;
  'aria-invalid'?: true;
  'aria-describedby'?: string;
}

/** Messages of one field that are shown. */
const MOST_FAULTS = 8;

export function Field(props: {
  label: string;
  faults: readonly FieldFault[];
  children(described: Described): ComponentChildren;
}) {
  const id = useId();
  const { faults } = props;
  const faultsId = `${id}-faults`;
  return (
    <div class="field">
      <label for={id}>{props.label}</label>
      {props.children({ id, ...(faults.length > 0 && { 'aria-invalid': true, 'aria-describedby': faultsId }) })}
      {faults.length > 0 && (
        <ul class="field-faults" id={faultsId}>
          {faults.slice(0, MOST_FAULTS).map(({ path, message }) => (
            <li key={path + message}>
              {path.includes('.') && <code>{path}</code>} {message}
            </li>
          ))}
          {faults.length > MOST_FAULTS && <li>{faults.length - MOST_FAULTS} more</li>}
        </ul>
      )}
    </div>
  );
}
