// The help dialog: keyboard shortcuts and a link to the API.
import { Dialog } from './dialog.tsx';

const ANYWHERE = [
  ['/', 'Search by id, name, tag:…, queue:…, status:… or version:…'],
  ['r', 'Refresh now'],
  ['?', 'Show this help'],
  ['Esc', 'Close the dialog, or leave the search'],
];

export function Help({ pages, onClose }: { pages: { shortcut: string; title: string }[]; onClose(): void }) {
  const pageShortcuts = pages.map(({ shortcut, title }) => [`g ${shortcut}`, title]);
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <div class="help">
        {[ANYWHERE, pageShortcuts].map((shortcuts) => (
          <dl key={shortcuts[0]?.[0]}>
            {shortcuts.map(([keystrokes, effect]) => (
              <div key={keystrokes}>
                <dt>
                  {keystrokes?.split(' ').map((part) => (
                    <kbd key={part}>{part}</kbd>
                  ))}
                </dt>
                <dd>{effect}</dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
      <p class="quiet">
        To select a range in a list of tasks, hold Shift while you tick the second box. This dashboard uses the HTTP
        API, which is described at <a href="/openapi.json">/openapi.json</a>.
      </p>
    </Dialog>
  );
}
