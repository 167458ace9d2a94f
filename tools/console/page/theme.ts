// Light or dark: as the system says, or as was chosen.
import { useEffect, useState } from 'preact/hooks';
import { isDark } from './colours';

const STORED = 'gatehouse-theme';
const CHANGED = 'gatehouse-theme-changed';

/** Before the first drawing. */
export function restoreTheme(): void {
  const stored = localStorage.getItem(STORED);
  if (stored !== null) document.documentElement.dataset.theme = stored;
}

export function chooseTheme(theme: 'light' | 'dark'): void {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem(STORED, theme);
  dispatchEvent(new Event(CHANGED));
}

/** The theme; draws again when it changes. */
export function useTheme(): 'light' | 'dark' {
  const [dark, setDark] = useState(isDark);
  useEffect(() => {
    const changed = () => setDark(isDark());
    const system = matchMedia('(prefers-color-scheme: dark)');
    addEventListener(CHANGED, changed);
    system.addEventListener('change', changed);
    return () => {
      removeEventListener(CHANGED, changed);
      system.removeEventListener('change', changed);
    };
  }, []);
  return dark ? 'dark' : 'light';
}
