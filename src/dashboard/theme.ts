// The theme: light, dark, or the system's choice.
import { createKept } from './store.ts';

export const THEMES = ['system', 'light', 'dark'] as const;

export type Theme = (typeof THEMES)[number];

export const theme = createKept<Theme>('theme', 'system', (value) => THEMES.includes(value as Theme));

/** Applies the chosen theme now and at every change. */
export function startTheme(): void {
  const apply = () => {
    const chosen = theme.get();
    if (chosen === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
  };
  apply();
  theme.follow(apply);
}
