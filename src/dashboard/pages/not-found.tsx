// The page for an unknown address.
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { to } from '../router.ts';

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty icon="search" title="This page does not exist">
        <p>
          Check the address, or go to the <a href={to('/')}>overview</a> or to the <a href={to('/tasks')}>tasks</a>.
        </p>
      </Empty>
    </Page>
  );
}
