// Errors that steps throw into the code of a task. They are recorded, so another attempt would throw the same.
import { PermanentFailure } from '../control.ts';
import type { TaskError } from '../task.ts';

/** Nothing ended the wait of a step in time. Catch it to go on otherwise. */
export class StepTimeout extends PermanentFailure {
  constructor(message: string) {
    super(message, 'step_timeout');
  }
}

/** An earlier attempt caught this error of a step. `type` is the class of that error. */
export class StepFailed extends PermanentFailure {
  readonly type: string;

  constructor(error: TaskError | undefined) {
    super(error?.message ?? 'the step failed', 'step_failed');
    this.type = error?.type ?? 'Error';
  }
}
