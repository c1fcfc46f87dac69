// A trial of the playground. An order in steps that waits for the approval of a person.
import { useState } from 'preact/hooks';
import { api } from '../api.ts';
import { Trial } from '../parts/trial.tsx';
import { Watched } from '../parts/watched.tsx';
import { to } from '../router.ts';

export function Checkout() {
  const [order, setOrder] = useState(() => String(Math.floor(1000 + Math.random() * 9000)));
  return (
    <Trial
      title="An order that a person approves"
      about="The task reserves the goods, charges, waits for an approval and ships. If you reject the order, both steps are undone."
      action="Place order"
      start={async () => (await api.enqueue({ name: 'demo.checkout', input: { order, total: 99.5 } })).task_id}
      watch={(id) => (
        <>
          <Watched id={id} key={id} />
          <p>
            Decide on the page <a href={to('/approvals')}>Approvals</a>, or on the task’s page.
          </p>
        </>
      )}
    >
      <label class="field field-short">
        <span>Order</span>
        <input required maxLength={100} value={order} onInput={(event) => setOrder(event.currentTarget.value)} />
      </label>
    </Trial>
  );
}
