// What a scenario of the demo is: something the Worker is made for, done over HTTP and checked.
import type { Api } from '../api.ts';

/** What a scenario leaves for the table. */
export interface Outcome {
  taskId: string;
  status: string;
  /** What was checked, in a few words. */
  detail: string;
}

export interface Scenario {
  /** Its line in the table. */
  what: string;
  /** Does it and checks it; `show` says where things stand. Throws when anything does not hold. */
  run(api: Api, show: (text: string) => void): Promise<Outcome>;
}
