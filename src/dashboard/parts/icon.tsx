// The icons: lines on a 16 × 16 grid, in the colour of the surrounding text.

const PATHS = {
  overview: 'M2.5 13.5h11M4 11V7.5M8 11V3M12 11V5.5',
  tasks: 'M5.5 4h8M5.5 8h8M5.5 12h8M2.5 4h.01M2.5 8h.01M2.5 12h.01',
  workflows:
    'M4.5 4.5v7M4.5 8h4.5a2.5 2.5 0 0 0 2.5-2.5V5M4.5 4.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM4.5 14.5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3ZM11.5 5a1.5 1.5 0 1 0 0-3 1.5 1.5 0 0 0 0 3Z',
  queues: 'M2.5 3.5h11v3h-11zM2.5 9.5h11v3h-11z',
  schedules: 'M8 14a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM8 5v3l2 1.5',
  definitions: 'M5.5 3 2 8l3.5 5M10.5 3 14 8l-3.5 5',
  files: 'M4 1.5h5l3.5 3.5v9.500h-8.500zM9 1.500v3.500h3.500',
  mailbox: 'M1.500 3.500h13v9h-13zM2 4l6 5 6-5',
  keys: 'M10.500 9.500a4 4 0 1 0-3.700-2.500L1.500 12.300v2.200h2.500l.500-1.500h1.500l.500-1.500 1.500-1.500M11 5h.01',
  playground: 'M5 2.500v11l8.500-5.500z',
  person: 'M8 7.500a2.800 2.800 0 1 0 0-5.500 2.800 2.800 0 0 0 0 5.500ZM2.800 14a5.200 5.200 0 0 1 10.400 0',
  fork: 'M5 5.500v5M5 8h3.500a2.500 2.500 0 0 0 2.500-2.500M5 5.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM5 13.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3ZM11 5.500a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3Z',
  approvals: 'M2.500 2.500h11v9h-6l-3 2.500v-2.500h-2zM5.500 7l2 2 3.500-4',
  search: 'M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10ZM10.800 10.800 14 14',
  menu: 'M2 4h12M2 8h12M2 12h12',
  close: 'm3.500 3.500 9 9M12.500 3.500l-9 9',
  copy: 'M5.500 5.500v-3h8v8h-3M2.500 5.500h8v8h-8z',
  check: 'm3 8.500 3.500 3.500L13 4.500',
  refresh: 'M13.500 8A5.500 5.500 0 1 1 11.800 4M13.500 1.500V5H10',
  pause: 'M5 3v10M11 3v10',
  retry: 'M2.500 8A5.500 5.500 0 1 0 4.200 4M2.500 1.500V5H6',
  revoke: 'M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12ZM3.800 3.800l8.400 8.400',
  edit: 'm10.500 2.500 3 3-8 8H2.500v-3z',
  columns: 'M2.500 2.500h11v11h-11zM6.200 2.500v11M9.800 2.500v11',
  sun: 'M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6ZM8 1v1.500M8 13.500V15M1 8h1.500M13.500 8H15M3 3l1 1M12 12l1 1M13 3l-1 1M4 12l-1 1',
  moon: 'M13.500 9.500A6 6 0 0 1 6.500 2.500a6 6 0 1 0 7 7Z',
  system: 'M2 3h12v8H2zM6 14h4M8 11v3',
  help: 'M6 6a2 2 0 1 1 2.800 1.800c-.500.300-.800.600-.800 1.200v.500M8 12h.01M8 15A7 7 0 1 0 8 1a7 7 0 0 0 0 14Z',
  signOut: 'M6 2.500H2.500v11H6M10.500 5l3 3-3 3M13 8H6',
  plus: 'M8 3v10M3 8h10',
  down: 'm4 6 4 4 4-4',
  next: 'm6 3 5 5-5 5',
  back: 'm10 3-5 5 5 5',
  alert: 'M8 2 1.500 13.500h13zM8 6.500v3M8 11.500h.01',
  upload: 'M8 11V3M4.500 6 8 2.500 11.500 6M2.500 13.500h11',
  trash: 'M3 4.500h10M6 4.500V2.500h4v2M4.500 4.500l.500 9h6l.500-9',
};

export type IconName = keyof typeof PATHS;

/** Decoration only: hidden from screen readers, so the control around it needs a text or a label. */
export function Icon({ name }: { name: IconName }) {
  return (
    <svg class="icon" viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path d={PATHS[name]} />
    </svg>
  );
}
