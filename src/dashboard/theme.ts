// Light or dark: as the system says, unless somebody chose.
import { createKept } from './store.ts';

export const THEMES = ['system', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

export const theme = createKept<Theme>('theme', 'system', (value) => THEMES.includes(value as Theme));

/** Puts the chosen theme on the page, now and at every change. */
export function startTheme(): void {
  const apply = () => {
    const chosen = theme.get();
    if (chosen === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
  };
  apply();
  theme.follow(apply);
}
