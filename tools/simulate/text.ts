// The comparison as text: a table for each trace, sums, and what they say.
import { totals, verdict } from './comparison';
import type { Compared } from './comparison';
import type { Result } from './tally';

type Column = readonly [title: string, value: (result: Result) => string];

const COLUMNS: readonly Column[] = [
  ['policy', ({ name }) => name],
  ['min over', ({ minutesOverTarget }) => String(minutesOverTarget)],
  ['req over', (result) => percent(result.requestsOver, requestsOf(result))],
  ['failed', (result) => percent(result.failed, requestsOf(result))],
  ['p99 ms', ({ p99Ms }) => p99Ms.toFixed(0)],
  ['task-h', ({ taskHours }) => taskHours.toFixed(1)],
  ['USD', ({ dollars }) => dollars.toFixed(2)],
  ['actions', ({ scalingActions }) => String(scalingActions)],
  ['reversals', ({ reversals }) => String(reversals)],
  ['recover', ({ recoverMinutes }) => `${recoverMinutes} min`],
  ['most', ({ maxTasks }) => String(maxTasks)],
  ['end', ({ endTasks }) => String(endTasks)],
];

/** Requests of a result's trace. */
export function requestsOf({ minutes }: Result): number {
  return minutes.requestsPerSecond.reduce((sum, rate) => sum + 60 * rate, 0);
}

/** Everything that the command prints. */
export function renderText(compared: readonly Compared[], targetMs: number): string {
  const tables = compared.map(({ trace, results }) =>
    [`${trace.name}: ${trace.about}`, ...table(COLUMNS, results)].join('\n'),
  );
  const legend =
    `min over: minutes with an average above ${targetMs} ms; req over, failed: of all requests; ` +
    'recover: longest stretch of minutes over.';
  const sums = totals(compared).map(
    ({ name, minutesOverTarget, taskHours }) =>
      `  ${name.padEnd(22)} ${String(minutesOverTarget).padStart(6)} min over ${taskHours.toFixed(1).padStart(8)} task-hours`,
  );
  const end = [
    ...(compared.length > 1 ? ['All traces together:', ...sums] : []),
    ...verdict(compared),
  ];
  return `${[...tables, legend, end.join('\n')].join('\n\n')}\n`;
}

function table(columns: readonly Column[], results: readonly Result[]): string[] {
  const rows = [
    columns.map(([title]) => title),
    ...results.map((result) => columns.map(([, value]) => value(result))),
  ];
  const widths = columns.map((_none, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)));
  return rows.map((row) =>
    `  ${row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0))).join('  ')}`.trimEnd(),
  );
}

function percent(part: number, all: number): string {
  if (all === 0 || part === 0) return '0';
  const share = (100 * part) / all;
  return `${share >= 10 ? share.toFixed(0) : share >= 0.1 ? share.toFixed(1) : '<0.1'}%`;
}
