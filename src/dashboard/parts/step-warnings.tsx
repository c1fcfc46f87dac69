// A card when the last attempt ended without asking for a step that is recorded: its code was changed, or it ended before.
import type { Attempt } from '../api.ts';
import { unaskedIn } from '../unasked-steps.ts';
import { Icon } from './icon.tsx';

export function StepWarnings({ attempts }: { attempts: Attempt[] }) {
  const warnings = unaskedIn(attempts);
  if (warnings.length === 0) return null;
  return (
    <section class="card wait-card wait-card-warn" aria-label="Recorded steps that the last attempt left out">
      <h2>
        <span class="alert-title">
          <Icon name="alert" />
          Recorded steps were left out
        </span>
      </h2>
      {warnings.map((warning) => (
        <p key={warning}>{warning}.</p>
      ))}
      <p class="quiet">
        The last attempt did not use what these steps had done. If the code was changed, check whether their effects are
        still right.
      </p>
    </section>
  );
}
