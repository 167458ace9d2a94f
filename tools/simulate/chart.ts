// A line chart as SVG, for documents: readable in light and dark, without a script.

/** One line. */
export interface ChartLine {
  name: string;
  color: string;
  /** A value a minute; `null` where there is none. */
  values: readonly (number | null)[];
}

const SIZE = { width: 760, height: 220, left: 46, right: 10, top: 30, bottom: 46 };
const TICKS = 4;

/**
 * @param most top of the scale; what is above is cut off.
 * @param rule a dashed line across, with its label.
 */
export function chart(
  title: string,
  lines: readonly ChartLine[],
  most: number,
  rule?: { value: number; label: string },
): string {
  const { width, height, left, right, top, bottom } = SIZE;
  const minutes = Math.max(...lines.map(({ values }) => values.length));
  const x = (minute: number) => left + ((width - left - right) * minute) / Math.max(1, minutes - 1);
  const y = (value: number) =>
    height - bottom - ((height - top - bottom) * Math.min(value, most)) / most;
  const grid = Array.from({ length: TICKS + 1 }, (_none, tick) => (most * tick) / TICKS).map(
    (value) =>
      `<path d="M${left} ${y(value).toFixed(1)}H${width - right}" stroke="#8888" stroke-width="0.5"/>` +
      `<text x="${left - 6}" y="${(y(value) + 4).toFixed(1)}" text-anchor="end">${Number(value.toFixed(1))}</text>`,
  );
  const hours = Array.from({ length: Math.floor(minutes / 60) + 1 }, (_none, hour) => hour).map(
    (hour) =>
      `<text x="${x(hour * 60).toFixed(1)}" y="${height - bottom + 14}" text-anchor="middle">${hour} h</text>`,
  );
  const drawn = lines.map(
    ({ color, values }) =>
      `<path d="${pathOf(values, x, y)}" fill="none" stroke="${color}" stroke-width="1.8"/>`,
  );
  const legend = lines.map(
    ({ name, color }, index) =>
      `<path d="M${left + 170 * index} ${height - 12}h18" stroke="${color}" stroke-width="3"/>` +
      `<text x="${left + 24 + 170 * index}" y="${height - 8}">${name}</text>`,
  );
  const ruled =
    rule === undefined
      ? ''
      : `<path d="M${left} ${y(rule.value).toFixed(1)}H${width - right}" stroke="#888" stroke-dasharray="4 3"/>` +
        `<text x="${width - right}" y="${(y(rule.value) - 4).toFixed(1)}" text-anchor="end">${rule.label}</text>`;
  return (
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" role="img" aria-label="${title}" font-family="system-ui,sans-serif" font-size="11" fill="#777">\n` +
    `<text x="${left}" y="18" font-size="13">${title}</text>\n` +
    `${[...grid, ...hours, ...drawn, ruled, ...legend].join('\n')}\n</svg>\n`
  );
}

function pathOf(
  values: readonly (number | null)[],
  x: (minute: number) => number,
  y: (value: number) => number,
): string {
  let [path, pen] = ['', 'M'];
  values.forEach((value, minute) => {
    if (value === null) {
      pen = 'M';
      return;
    }
    path += `${pen}${x(minute).toFixed(1)} ${y(value).toFixed(1)}`;
    pen = 'L';
  });
  return path;
}
