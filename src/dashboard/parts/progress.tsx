// A progress bar.

/** `percent`: 0 to 100; null if the total is unknown. */
export function Progress({ percent, label }: { percent: number | null; label: string }) {
  return (
    <span
      class={percent === null ? 'progress progress-unknown' : 'progress'}
      role="progressbar"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      {...(percent !== null && { 'aria-valuenow': Math.round(percent) })}
    >
      <i style={{ width: `${percent === null ? 100 : Math.max(0, Math.min(100, percent))}%` }} />
    </span>
  );
}
