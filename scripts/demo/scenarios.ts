// The scenarios of the demo, in order. To add one, add a file beside this one and a line here.
import { scenario as background } from './background.ts';
import { scenario as batch } from './batch.ts';
import { scenario as bulk } from './bulk.ts';
import { scenario as checkout } from './checkout.ts';
import { scenario as chord } from './chord.ts';
import { scenario as csv } from './csv.ts';
import { scenario as failover } from './failover.ts';
import { scenario as flaky } from './flaky.ts';
import { scenario as limited } from './limited.ts';
import { scenario as pdf } from './pdf.ts';
import { scenario as photo } from './photo.ts';
import { scenario as pipeline } from './pipeline.ts';
import { scenario as process } from './process.ts';
import { scenario as register } from './register.ts';
import { scenario as revoke } from './revoke.ts';
import type { Scenario } from './scenario.ts';
import { scenario as schedule } from './schedule.ts';

export const scenarios: Scenario[] = [
  register,
  photo,
  batch,
  pdf,
  csv,
  flaky,
  background,
  revoke,
  process,
  chord,
  checkout,
  schedule,
  pipeline,
  limited,
  bulk,
  failover,
];
