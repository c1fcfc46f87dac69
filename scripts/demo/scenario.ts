// The interface of a scenario of the demo: it uses the Worker over HTTP and checks the results.
import type { Api } from '../api.ts';

/** The result of a scenario, for the table. */
export interface Outcome {
  taskId: string;
  status: string;
  /** A short sentence about the result. */
  detail: string;
}

export interface Scenario {
  title: string;
  /** Runs the scenario and checks it. `show` prints its progress. Throws if a check fails. */
  run(api: Api, show: (text: string) => void): Promise<Outcome>;
}
