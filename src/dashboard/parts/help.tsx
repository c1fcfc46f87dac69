// The keys of the keyboard, and where to read on.
import { Dialog } from './dialog.tsx';

const ANYWHERE = [
  ['/', 'Search: an id, a name, tag:…, queue:…, status:…'],
  ['r', 'Refresh now'],
  ['?', 'This help'],
  ['Esc', 'Close, or leave the search'],
];

export function Help({ pages, onClose }: { pages: { shortcut: string; title: string }[]; onClose(): void }) {
  const places = pages.map(({ shortcut, title }) => [`g ${shortcut}`, title]);
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <div class="help">
        {[ANYWHERE, places].map((keys) => (
          <dl key={keys[0]?.[0]}>
            {keys.map(([key, what]) => (
              <div key={key}>
                <dt>
                  {key?.split(' ').map((part) => (
                    <kbd key={part}>{part}</kbd>
                  ))}
                </dt>
                <dd>{what}</dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
      <p class="quiet">
        In a list of tasks, hold Shift while you tick to choose a range. The page is a client of the HTTP API, which
        describes itself at <a href="/openapi.json">/openapi.json</a>.
      </p>
    </Dialog>
  );
}
