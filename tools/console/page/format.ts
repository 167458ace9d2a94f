// Numbers and times as they are shown: three significant digits, units always, a dash for what is not known.

export function number(value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  const size = Math.abs(value);
  if (size >= 1e6) return `${shorten(value / 1e6)} M`;
  if (size >= 10_000) return `${shorten(value / 1000)} k`;
  return shorten(value);
}

function shorten(value: number): string {
  return Math.abs(value) >= 1000 ? value.toFixed(0) : String(Number(value.toPrecision(3)));
}

export function ms(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${number(value)} ms`;
}

export function percent(value: number | null | undefined): string {
  return value === null || value === undefined ? '–' : `${number(value)}%`;
}

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeStyle: 'medium' });

export function clock(atMs: number): string {
  return CLOCK.format(atMs);
}

/** With milliseconds, for lines that follow each other closely. */
export function preciseClock(atMs: number): string {
  return `${clock(atMs)}.${String(Math.floor(atMs % 1000)).padStart(3, '0')}`;
}

/** How long ago. */
export function ago(sinceMs: number, nowMs: number): string {
  const seconds = Math.max(0, Math.round((nowMs - sinceMs) / 1000));
  if (seconds < 90) return `${seconds} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}
