// How uPlot draws a graph: axes, ranges and lines, and by hand thresholds and marks.
import uPlot from 'uplot';
import type { Happened, MetricWidget } from '../view';
import { colourOf, softened, themed } from './colours';
import { clock, number } from './format';

const FONT = '11px system-ui, sans-serif';
/** Steps of the right axis: what stands there is counted. */
const WHOLE = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 10_000];
const DOT = 4;

/** What is drawn now: a graph outlives its numbers. */
export type Latest = { current: { widget: MetricWidget; marks: readonly Happened[] } };

/** Options of a new graph. */
export function optionsOf(
  latest: Latest,
  stepped: readonly string[],
  width: number,
  height: number,
): uPlot.Options {
  const { widget } = latest.current;
  const { lines, stacked } = widget;
  const drawn = lines.map((line, index) => ({ ...line, index }));
  if (stacked) drawn.reverse();
  const right = lines.some(({ axis }) => axis === 'right');
  const grid = { stroke: () => themed('--line'), width: 1 };
  const axis = { stroke: () => themed('--soft'), font: FONT, grid, ticks: { ...grid, size: 4 } };
  return {
    ...{ width, height },
    legend: { show: false },
    padding: [8, right ? 0 : 30, 0, 0],
    cursor: {
      sync: { key: 'gatehouse' },
      drag: { x: false, y: false },
      points: { size: 6 },
    },
    scales: {
      x: { time: true },
      y: { range: (_plot, _low, high) => rangeOf(latest.current.widget, 'left', high) },
      right: { range: (_plot, _low, high) => rangeOf(latest.current.widget, 'right', high) },
    },
    axes: [
      {
        ...axis,
        size: 26,
        space: 70,
        values: (_plot, ticks) => {
          const step = (ticks[1] ?? 60) - (ticks[0] ?? 0);
          return ticks.map((tick) => clock(tick * 1000).slice(0, step < 60 ? 8 : 5));
        },
      },
      {
        ...axis,
        size: 46,
        space: 28,
        values: (_plot, ticks) => ticks.map((tick) => number(tick)),
      },
      ...(right
        ? [
            {
              ...axis,
              scale: 'right',
              side: 1 as const,
              incrs: WHOLE,
              size: 36,
              space: 28,
              grid: { show: false },
              values: (_plot: uPlot, ticks: number[]) => ticks.map((tick) => number(tick)),
            },
          ]
        : []),
    ],
    series: [
      {},
      ...drawn.map(({ label, colour, axis: side, index }): uPlot.Series => {
        const stroke = colourOf(colour, index);
        return {
          label,
          stroke,
          scale: side === 'right' ? 'right' : 'y',
          width: /p99|burn|tasks/.test(label) ? 2.5 : 1.5,
          ...(stacked ? { fill: softened(stroke) } : {}),
          ...(stepped.includes(label) && uPlot.paths.stepped !== undefined
            ? { paths: uPlot.paths.stepped({ align: 1 }) }
            : {}),
          spanGaps: false,
          points: { show: true, size: DOT, fill: stroke, filter: alone },
        };
      }),
    ],
    hooks: {
      draw: [
        (plot) => drawThresholds(plot, latest.current.widget),
        (plot) => drawMarks(plot, latest.current),
      ],
    },
  };
}

/** Points without a neighbour, which no line would show. */
function alone(plot: uPlot, series: number): number[] {
  const values = plot.data[series] ?? [];
  const found: number[] = [];
  for (let index = 0; index < values.length; index += 1) {
    const there = (at: number) => values[at] !== null && values[at] !== undefined;
    if (there(index) && !there(index - 1) && !there(index + 1)) found.push(index);
  }
  return found;
}

/** From the body's least to a little above the highest value or threshold. */
function rangeOf(
  { axes, thresholds }: MetricWidget,
  side: 'left' | 'right',
  high: number | null,
): [number, number] {
  const { min = 0, max } = axes[side];
  if (max !== undefined) return [min, max];
  const lines = thresholds.filter(({ axis }) => axis === side).map(({ value }) => value);
  const top = Math.max(high ?? 0, ...lines, 0);
  return [min, top > 0 ? top * 1.15 : 1];
}

function drawThresholds(plot: uPlot, { thresholds }: MetricWidget): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { label, value, axis, colour } of thresholds) {
    const y = Math.round(plot.valToPos(value, axis === 'right' ? 'right' : 'y', true));
    if (y < bbox.top || y > bbox.top + bbox.height) continue;
    ctx.strokeStyle = colourOf(colour ?? '#d55e00', 0);
    ctx.setLineDash([6, 4]);
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(bbox.left, y);
    ctx.lineTo(bbox.left + bbox.width, y);
    ctx.stroke();
    ctx.font = `${11 * devicePixelRatio}px system-ui, sans-serif`;
    ctx.textAlign = 'right';
    const { width } = ctx.measureText(label);
    const size = 12 * devicePixelRatio;
    ctx.globalAlpha = 0.8;
    ctx.fillStyle = themed('--card');
    ctx.fillRect(bbox.left + bbox.width - width - 8, y - size - 4, width + 8, size + 2);
    ctx.globalAlpha = 1;
    ctx.fillStyle = themed('--ink');
    ctx.fillText(label, bbox.left + bbox.width - 4, y - 5);
  }
  ctx.restore();
}

function drawMarks(plot: uPlot, { marks }: Latest['current']): void {
  const { ctx, bbox } = plot;
  ctx.save();
  for (const { atMs } of marks) {
    const x = Math.round(plot.valToPos(atMs / 1000, 'x', true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = themed('--soft');
    ctx.setLineDash([2, 3]);
    ctx.lineWidth = devicePixelRatio;
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    ctx.fillStyle = themed('--soft');
    ctx.beginPath();
    ctx.arc(x, bbox.top + 4, 3 * devicePixelRatio, 0, 2 * Math.PI);
    ctx.fill();
  }
  ctx.restore();
}
