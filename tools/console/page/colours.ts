// Colours of lines: Okabe and Ito's palette, each dark or light enough for its background (3:1).

/** What a body may say, and what is drawn for it: on light, on dark. */
const DRAWN: Record<string, readonly [string, string]> = {
  '#0072b2': ['#0072b2', '#3f9fd8'],
  '#e69f00': ['#b27700', '#e69f00'],
  '#009e73': ['#008a64', '#1fb88c'],
  '#cc79a7': ['#b65a8e', '#d68bb4'],
  '#d55e00': ['#c85300', '#f07a26'],
  '#56b4e9': ['#2484bd', '#56b4e9'],
  '#8b5e3c': ['#8b5e3c', '#b98a63'],
  '#7f7f7f': ['#6b6b6b', '#9a9a9a'],
};
const ORDER = Object.keys(DRAWN);
/** How much of a line's colour its area has. */
const AREA = 0.55;

export function isDark(): boolean {
  const chosen = document.documentElement.dataset.theme;
  return chosen === undefined
    ? matchMedia('(prefers-color-scheme: dark)').matches
    : chosen === 'dark';
}

/** The colour of a line: its own, or that of its place. */
export function colourOf(own: string | undefined, index: number): string {
  const name = own ?? ORDER[index % ORDER.length] ?? '#0072b2';
  const pair = DRAWN[name.toLowerCase()];
  return pair === undefined ? name : pair[isDark() ? 1 : 0];
}

let probe: HTMLElement | undefined;
/** To ask for a style makes the browser work out all of them: once a colour and scheme. */
const seen = new Map<string, string>();

/** A colour of the style sheet as a canvas takes it: the variable itself may be one for each scheme. */
export function themed(name: string): string {
  const key = `${isDark()} ${name}`;
  const known = seen.get(key);
  if (known !== undefined) return known;
  if (probe === undefined) {
    probe = document.createElement('i');
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  const { color } = getComputedStyle(probe);
  seen.set(key, color);
  return color;
}

/** The colour of an area under a line of this colour: opaque, as areas lie over each other. */
export function softened(colour: string): string {
  const [red = 0, green = 0, blue = 0] = (colour.match(/[\da-f]{2}/gi) ?? []).map((part) =>
    Number.parseInt(part, 16),
  );
  const card = (themed('--card').match(/\d+/g) ?? []).map(Number);
  const mixed = [red, green, blue].map((part, index) =>
    Math.round(part * AREA + (card[index] ?? 255) * (1 - AREA)),
  );
  return `rgb(${mixed.join(' ')})`;
}
