// Draws a comparison for a terminal, in colour where one is there.
import { styleText } from 'node:util';
import type { Change } from './changes';
import { ACTIONS, countChanges, difference, watched, type Comparison } from './comparison';
import { dataOf } from './replacements';

const MARKS = {
  create: ['+', 'green'],
  update: ['~', 'yellow'],
  replace: ['±', 'red'],
  delete: ['-', 'red'],
} as const;

/** @param against What the plan is compared with, as the user named it. */
export function comparisonText({ changes, rights, price }: Comparison, against: string): string {
  const lost = changes.filter(({ losesData }) => losesData);
  const ordered = ACTIONS.flatMap(([action]) =>
    changes.filter((change) => change.action === action),
  );
  return [
    `Against ${against}: ${countChanges(changes)}`,
    ...lost.map((change) =>
      styleText('red', `  DATA IS LOST: ${change.name} ${dataOf(change.type)}`),
    ),
    '',
    ...ordered.map(row),
    ...section(
      'Alarms and dashboards',
      watched(changes).map(({ action, name }) => `${action} ${name}`),
    ),
    ...section('Rights gained', rights.gained),
    ...section('Rights lost', rights.lost),
    '',
    `Price a month (list prices of ${price.after.region})`,
    `  idle: $${price.perMonthIdle} (${difference(price.before.perMonthIdle, price.perMonthIdle)})`,
    `  at ${price.perMonthAt.requestsPerSecond} requests/s: $${price.perMonthAt.dollars} (${difference(price.before.perMonthAt.dollars, price.perMonthAt.dollars)})`,
    ...price.after.lines.map(
      ({ what, idle, atRate, formula }) =>
        `    ${what.padEnd(24)} ${idle.toFixed(2).padStart(9)} ${atRate.toFixed(2).padStart(10)}  ${formula}`,
    ),
    '',
  ].join('\n');
}

function row({ action, type, name, properties }: Change): string {
  const [mark, colour] = MARKS[action];
  const what = properties.length === 0 ? '' : `: ${properties.join(', ')}`;
  return styleText(colour, `  ${mark} ${type} ${name}${what}`);
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
}
