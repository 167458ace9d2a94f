// The runbook: every alarm of a stack, when it rings, why there, and what to do, as Markdown.
import type { AlarmSpec, PairSpec, RunbookEntry } from './alarm-spec';
import { isMetricLine } from './metric';

/** An alarm of a runbook: a single one, or a pair with its windows. */
interface Entry {
  readonly id: string;
  readonly title: string;
  readonly rings: string;
  readonly reason: string;
  readonly runbook: RunbookEntry;
}

/**
 * Sections of the runbook, one for each pair and for each alarm that calls by itself or turns a
 * deployment back. An alarm's description links to its section by its id.
 * @throws Error when a pair names an alarm that is not there, or an alarm has nothing to judge by.
 */
export function runbookSections(pairs: readonly PairSpec[], specs: readonly AlarmSpec[]): string {
  const windows = new Map(specs.map((spec) => [spec.id, spec]));
  const entries: Entry[] = [
    ...pairs.map((pair) => ({
      ...pair,
      rings: pair.both.map((id) => condition(windows.get(id))).join(', and '),
    })),
    ...specs
      .filter((spec) => spec.calls !== false)
      .map((spec) => ({ ...spec, rings: condition(spec) })),
  ];
  return entries.map(section).join('\n');
}

function section({ id, title, rings, reason, runbook }: Entry): string {
  const list = (items: readonly string[]): string[] =>
    items.map((item, index) => `${index + 1}. ${item}`);
  return [
    `### ${id}`,
    '',
    `**${title}** ${runbook.means}`,
    '',
    `Rings when ${rings}. ${reason}`,
    '',
    'Look first:',
    '',
    ...list(runbook.look),
    '',
    'Then:',
    '',
    ...list(runbook.remedy),
    '',
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
  return `${what} is ${spec.comparison} ${spec.threshold} in ${duration(spec.periodSeconds)}${points}`;
}

function duration(seconds: number): string {
  return seconds % 3600 === 0 ? `${seconds / 3600} h` : `${seconds / 60} min`;
}
