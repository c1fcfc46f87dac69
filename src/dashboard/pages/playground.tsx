// The playground: examples that start tasks and show their progress.
import { Page } from '../parts/page.tsx';
import { Bulk } from '../trials/bulk.tsx';
import { Checkout } from '../trials/checkout.tsx';
import { Flaky } from '../trials/flaky.tsx';
import { Photo } from '../trials/photo.tsx';
import { Process } from '../trials/process.tsx';
import { Register } from '../trials/register.tsx';
import { SendEvent } from '../trials/send-event.tsx';
import { Slow } from '../trials/slow.tsx';

export function Playground() {
  return (
    <Page title="Playground" about="Start an example and watch its tasks. Each example calls the HTTP API.">
      <div class="trials">
        <Register />
        <Photo />
        <Process />
        <Flaky />
        <Slow />
        <Checkout />
        <SendEvent />
        <Bulk />
      </div>
    </Page>
  );
}
