// A graph by uPlot: clock times, thresholds, one crosshair for all graphs, and its numbers as a table.
import { useEffect, useRef, useState } from 'preact/hooks';
import uPlot from 'uplot';
import type { Happened, MetricWidget } from '../view';
import { optionsOf } from './chart-options';
import { colourOf } from './colours';
import { clock, number } from './format';
import { useTheme } from './theme';

export interface ChartProps {
  widget: MetricWidget;
  /** Pixels of the drawing. @default 200 */
  height?: number;
  /** Events on the time axis. @default none */
  marks?: readonly Happened[];
  /** Labels of lines that are drawn as steps. @default none */
  stepped?: readonly string[];
}

/** Rows of the table twin: the latest. */
const TABLE_ROWS = 60;

/** A graph with its legend and its table. */
export function Chart({ widget, height = 200, marks = [], stepped = [] }: ChartProps) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef({ widget, marks });
  latest.current = { widget, marks };
  const theme = useTheme();
  // Lines that come or go make a new graph; new numbers do not.
  const shape = JSON.stringify([
    widget.stacked,
    widget.lines.map(({ label, colour, axis }) => [label, colour, axis]),
    stepped,
  ]);
  useEffect(() => {
    const element = box.current;
    if (element === null) return undefined;
    const { clientWidth } = element;
    const made = new uPlot(
      optionsOf(latest, stepped, clientWidth, height),
      dataOf(latest.current.widget),
      element,
    );
    plot.current = made;
    const observer = new ResizeObserver(([entry]) => {
      const width = Math.floor(entry?.contentRect.width ?? 0);
      if (width > 0 && width !== made.width) made.setSize({ width, height });
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
    };
  }, [shape, height, theme]);
  useEffect(() => plot.current?.setData(dataOf(widget)), [widget, shape]);
  return (
    <div class="chart">
      <div class="plot" ref={box} role="img" aria-label={spoken(widget)} />
      <Legend widget={widget} />
      <TableTwin widget={widget} />
    </div>
  );
}

/** More names than this, and those of lines that are zero are left out. */
const MOST_NAMES = 8;

/** Each line's name with its last value. */
function Legend({ widget: { lines } }: { widget: MetricWidget }) {
  useTheme();
  const isShown = ({ values }: MetricWidget['lines'][number]) =>
    lines.length <= MOST_NAMES || values.some((value) => value !== null && value !== 0);
  const zero = lines.filter((line) => !isShown(line)).length;
  return (
    <ul class="legend">
      {lines.map((line, index) =>
        isShown(line) ? (
          <li key={`${line.label}${index}`}>
            <i style={{ background: colourOf(line.colour, index) }} />
            {line.label}
            {line.axis === 'right' ? ' (right)' : ''} <b>{number(lastOf(line.values))}</b>
          </li>
        ) : null,
      )}
      {zero > 0 && <li>{zero} more at 0</li>}
    </ul>
  );
}

function TableTwin({ widget }: { widget: MetricWidget }) {
  const [open, setOpen] = useState(false);
  const { window, lines, title } = widget;
  const rows = open
    ? Array.from({ length: Math.min(TABLE_ROWS, window.count) }, (_none, back) => {
        const index = window.count - 1 - back;
        return { at: clock(window.startMs + index * window.periodMs), index };
      })
    : [];
  const copy = () => {
    const text = [
      ['time', ...lines.map(({ label }) => label)],
      ...rows.map(({ at, index }) => [at, ...lines.map(({ values }) => values[index] ?? '')]),
    ];
    void navigator.clipboard.writeText(text.map((row) => row.join('\t')).join('\n'));
  };
  return (
    <details class="twin" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Numbers<span class="sr"> of {title}</span>
      </summary>
      {open && (
        <>
          <button type="button" class="small" onClick={copy}>
            Copy
          </button>
          <div class="scroll" tabIndex={0} role="group" aria-label={`Numbers of ${title}`}>
            <table>
              <thead>
                <tr>
                  <th scope="col">Time</th>
                  {lines.map(({ label }) => (
                    <th scope="col" key={label}>
                      {label}
                    </th>
                  ))}
                </tr>
              </thead>
              <tbody>
                {rows.map(({ at, index }) => (
                  <tr key={index}>
                    <th scope="row">{at}</th>
                    {lines.map(({ label, values }) => (
                      <td key={label}>{number(values[index])}</td>
                    ))}
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </>
      )}
    </details>
  );
}

function lastOf(values: readonly (number | null)[]): number | null {
  return values.findLast((value) => value !== null) ?? null;
}

function spoken({ title, lines }: MetricWidget): string {
  const parts = lines.map(({ label, values }) => `${label} ${number(lastOf(values))}`);
  return `${title}: ${parts.length === 0 ? 'no data' : `last values ${parts.join(', ')}`}`;
}

/** Of stacked lines the sums from below, the highest first: each is painted over by those below it. */
function dataOf({ window, lines, stacked }: MetricWidget): uPlot.AlignedData {
  const times = Array.from(
    { length: window.count },
    (_none, index) => (window.startMs + index * window.periodMs) / 1000,
  );
  if (!stacked) return [times, ...lines.map(({ values }) => values)];
  const below = new Array<number>(window.count).fill(0);
  const sums = lines.map(({ values }) =>
    values.map((value, index) => {
      if (value === null) return null;
      return (below[index] = (below[index] ?? 0) + value);
    }),
  );
  return [times, ...sums.reverse()];
}
