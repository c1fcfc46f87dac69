// Short notes about finished actions. Screen readers announce them. They disappear after 6 seconds, errors after 12.
import { createStore, useStore } from '../store.ts';
import { Icon } from './icon.tsx';

export interface Link {
  href: string;
  text: string;
}

interface Note {
  id: number;
  text: string;
  bad: boolean;
  link: Link | undefined;
}

const notes = createStore<readonly Note[]>([]);
let last = 0;

export function showToast(text: string, options: { bad?: boolean; link?: Link } = {}): void {
  const note = { id: ++last, text, bad: options.bad ?? false, link: options.link };
  notes.set([...notes.get().slice(-3), note]);
  setTimeout(() => dismiss(note.id), options.bad ? 12_000 : 6000);
}

export function showError(error: unknown): void {
  showToast(error instanceof Error ? error.message : String(error), { bad: true });
}

function dismiss(id: number): void {
  notes.set(notes.get().filter((note) => note.id !== id));
}

export function Toasts() {
  const shown = useStore(notes);
  return (
    <div class="toasts" aria-live="polite">
      {shown.map(({ id, text, bad, link }) => (
        <div class={bad ? 'toast toast-bad' : 'toast'} key={id}>
          <span>{text}</span>
          {link && <a href={link.href}>{link.text}</a>}
          <button type="button" class="icon-button" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </button>
        </div>
      ))}
    </div>
  );
}
