// Durations as a person writes them: 90d, 24h, 30m, 45s.

const UNIT_SECONDS = { s: 1, m: 60, h: 3600, d: 86_400, w: 604_800 } as const;

type Unit = keyof typeof UNIT_SECONDS;

/**
 * Seconds of a duration: a whole number and one of s, m, h, d, w.
 * @throws RangeError for anything else, zero included.
 */
export function parseDuration(text: string): number {
  const [, digits = '', unit = ''] = /^([1-9][0-9]{0,8})([smhdw])$/.exec(text) ?? [];
  if (unit === '') {
    throw new RangeError(
      `${JSON.stringify(text.slice(0, 40))} is no duration; expected a whole number above zero ` +
        'and a unit, such as 90d, 24h, 30m or 45s.',
    );
  }
  return Number(digits) * UNIT_SECONDS[unit as Unit];
}

/** The largest fitting unit of at least two, or one: `90d`, `36h`, `59s`; rounded down. */
export function formatDuration(seconds: number): string {
  const whole = Math.max(0, Math.floor(seconds));
  if (whole >= 2 * UNIT_SECONDS.d) {
    return `${Math.floor(whole / UNIT_SECONDS.d)}d`;
  }
  if (whole >= 2 * UNIT_SECONDS.h) {
    return `${Math.floor(whole / UNIT_SECONDS.h)}h`;
  }
  if (whole >= 2 * UNIT_SECONDS.m) {
    return `${Math.floor(whole / UNIT_SECONDS.m)}m`;
  }
  return `${whole}s`;
}
