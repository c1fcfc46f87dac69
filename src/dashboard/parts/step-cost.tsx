// What recorded steps cost here, and what as many steps cost in Cloudflare Workflows: for one task and for 1,000.
import type { StepList } from '../api.ts';
import { usd } from '../format.ts';

export type Cost = Pick<StepList, 'cost_usd' | 'cost_in_workflows_usd'>;

export function StepCost({ cost, task }: { cost: Cost; task: string }) {
  const row = (where: string, dollars: number) => (
    <tr>
      <th scope="row">{where}</th>
      <td class="number">{usd(dollars)}</td>
      <td class="number">{usd(dollars * 1000)}</td>
    </tr>
  );
  return (
    <>
      <table class="step-cost">
        <thead>
          <tr>
            <th scope="col">Cost of the steps</th>
            <th scope="col" class="number">
              {task}
            </th>
            <th scope="col" class="number">
              1,000 such tasks
            </th>
          </tr>
        </thead>
        <tbody>
          {row('Errand', cost.cost_usd)}
          {row('Cloudflare Workflows', cost.cost_in_workflows_usd)}
        </tbody>
      </table>
      <p class="quiet steps-note">
        Estimated without the attempts; for Cloudflare Workflows, beyond its included steps.
      </p>
    </>
  );
}
