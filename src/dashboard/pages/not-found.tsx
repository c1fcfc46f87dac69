// An address that is no page.
import { Page } from '../parts/page.tsx';
import { Empty } from '../parts/states.tsx';
import { to } from '../router.ts';

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty icon="search" title="There is no such page">
        <p>
          The address may be mistyped. Go to the <a href={to('/')}>overview</a> or to the{' '}
          <a href={to('/tasks')}>tasks</a>.
        </p>
      </Empty>
    </Page>
  );
}
