// The frame around every page: navigation, search, refresh rate, theme and session.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { openPages } from '../pages.ts';
import { to, usePlace } from '../router.ts';
import { signOut, useSession } from '../session.ts';
import { helpOpen, listenForShortcuts } from '../shortcuts.ts';
import { useStore } from '../store.ts';
import { THEMES, theme } from '../theme.ts';
import { ConnectionBanner } from './connection-banner.tsx';
import { Help } from './help.tsx';
import { Icon, type IconName } from './icon.tsx';
import { LiveControl } from './live-control.tsx';
import { SearchBox } from './search-box.tsx';

const GROUPS = ['work', 'things', 'more'] as const;

export function Shell({ children }: { children: ComponentChildren }) {
  const [open, setOpen] = useState(false);
  const { path } = usePlace();
  const help = useStore(helpOpen);
  const pages = openPages(useSession()?.scopes ?? []);
  const pagePaths = pages.map((page) => [page.shortcut, page.path] as const);
  useEffect(() => listenForShortcuts(new Map(pagePaths)), [String(pagePaths)]);
  useEffect(() => setOpen(false), [path]);
  return (
    <div class="shell">
      <a class="skip" href="#main">
        Skip to the content
      </a>
      <header class="topbar">
        <button
          type="button"
          class="icon-button only-narrow"
          aria-label="Menu"
          aria-expanded={open}
          aria-controls="side"
          onClick={() => setOpen(!open)}
        >
          <Icon name={open ? 'close' : 'menu'} />
        </button>
        <a class="brand" href={to('/')}>
          <Mark />
          Errand
        </a>
        <SearchBox />
        <LiveControl />
      </header>
      <aside class={open ? 'side side-open' : 'side'} id="side">
        <Navigation pages={pages} path={path} />
        <Foot />
      </aside>
      {open && <button type="button" class="veil" aria-label="Close the menu" onClick={() => setOpen(false)} />}
      <div class="page">
        <ConnectionBanner />
        {children}
      </div>
      {help && <Help pages={pages} onClose={() => helpOpen.set(false)} />}
    </div>
  );
}

function Navigation({ pages, path }: { pages: ReturnType<typeof openPages>; path: string }) {
  return (
    <nav aria-label="Pages">
      {GROUPS.map((group) => (
        <ul key={group}>
          {pages
            .filter((entry) => entry.group === group)
            .map(({ path: page, title, icon, shortcut, badge: Badge }) => {
              const isCurrent = page === '/' ? path === '/' : path === page || path.startsWith(`${page}/`);
              return (
                <li key={page}>
                  <a href={to(page)} aria-current={isCurrent ? 'page' : undefined}>
                    <Icon name={icon} />
                    {title}
                    {Badge && <Badge />}
                    <span class="key" aria-hidden="true">
                      g {shortcut}
                    </span>
                  </a>
                </li>
              );
            })}
        </ul>
      ))}
    </nav>
  );
}

const THEME_ICONS: Record<(typeof THEMES)[number], IconName> = { system: 'system', light: 'sun', dark: 'moon' };

function Foot() {
  const session = useSession();
  const chosen = useStore(theme);
  return (
    <div class="side-foot">
      <div class="session">
        {session?.open ? (
          <span title="Requests need no API key, because AUTH=open is set.">Open mode</span>
        ) : (
          <>
            <span class="session-name" title={session?.scopes.join(', ')}>
              {session?.name || session?.prefix}
            </span>
            {!session?.scopes.includes('admin') && !session?.scopes.includes('tasks:write') && (
              <span class="tag">read only</span>
            )}
            <button type="button" class="icon-button" aria-label="Sign out" title="Sign out" onClick={signOut}>
              <Icon name="signOut" />
            </button>
          </>
        )}
      </div>
      <fieldset class="segments" aria-label="Theme">
        {THEMES.map((name) => (
          <button
            type="button"
            key={name}
            aria-pressed={chosen === name}
            aria-label={`Theme: ${name}`}
            title={`Theme: ${name}`}
            onClick={() => theme.set(name)}
          >
            <Icon name={THEME_ICONS[name]} />
          </button>
        ))}
      </fieldset>
      <button type="button" class="icon-button" aria-label="Help" title="Help (?)" onClick={() => helpOpen.set(true)}>
        <Icon name="help" />
      </button>
    </div>
  );
}

export function Mark() {
  return (
    <svg class="mark" viewBox="0 0 24 24" width="24" height="24" aria-hidden="true">
      <rect width="24" height="24" rx="6" />
      <path d="M6 8.2h7.5M6 12h12M6 15.8h9" />
      <circle cx="17.2" cy="8.2" r="1.6" />
    </svg>
  );
}
