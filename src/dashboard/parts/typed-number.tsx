// A field that asks for a number to be typed, before something is done that is rarely meant.
export function TypedNumber(props: { label: string; value: string; onChange(value: string): void }) {
  return (
    <label class="field">
      <span>{props.label}</span>
      <input
        class="typed-number"
        inputMode="numeric"
        autocomplete="off"
        required
        value={props.value}
        onInput={(event) => props.onChange(event.currentTarget.value)}
      />
    </label>
  );
}
