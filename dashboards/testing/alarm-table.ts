// Writes the alarms of a stack as a table for people: when each rings, why there, and what it says.
import type { AlarmSpec, PairSpec } from '../alarm-spec';
import { isMetricLine } from '../metric';

/** Markdown rows of the pairs and of every alarm that calls by itself or turns a deployment back. */
export function alarmTable(pairs: readonly PairSpec[], specs: readonly AlarmSpec[]): string {
  const windows = new Map(specs.map((spec) => [spec.id, spec]));
  const rows = [
    ...pairs.map((pair) => [
      pair.id,
      pair.area,
      pair.both.map((id) => condition(windows.get(id))).join(', and '),
      pair.title,
      pair.reason,
    ]),
    ...specs
      .filter((spec) => spec.calls !== false)
      .map((spec) => [spec.id, spec.area, condition(spec), spec.title, spec.reason]),
  ];
  return [
    '| Alarm | Area | Rings when | Says | Because |',
    '|---|---|---|---|---|',
    ...rows.map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');
}

function condition(spec: AlarmSpec | undefined): string {
  if (spec === undefined) throw new Error('A pair names an alarm that is not there.');
  const judged = spec.lines.find((line) => line.hidden !== true);
  if (judged === undefined) throw new Error(`The alarm ${spec.id} has no line to judge by.`);
  const what = isMetricLine(judged)
    ? `${judged.metric.stat} of \`${judged.metric.name}\``
    : judged.label;
  const { breaching, of } = spec.dataPoints;
  const points = of === 1 ? '' : `, ${breaching} of ${of} times`;
  return `${what} ${spec.comparison} ${spec.threshold} in ${duration(spec.periodSeconds)}${points}`;
}

function duration(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`;
}
