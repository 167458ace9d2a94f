// Draws a comparison as Markdown, for the comment of a pull request.
import type { Change } from './changes';
import { ACTIONS, countChanges, difference, watched, type Comparison } from './comparison';
import type { Plan } from './plan';
import { dataOf } from './replacements';

/** Rows that a comment shows at once; GitHub cuts a comment at 65,536 characters. */
const MOST_ROWS = 60;

/** @param against What the plan is compared with, as the user named it. */
export function comparisonMarkdown(plan: Plan, comparison: Comparison, against: string): string {
  const { changes, rights, price } = comparison;
  const lost = changes.filter(({ losesData }) => losesData);
  const ordered = ACTIONS.flatMap(([action]) =>
    changes.filter((change) => change.action === action),
  );
  return [
    `## Plan of \`${plan.stack}\` against \`${against}\`: ${countChanges(changes)}`,
    ...lost.map(
      ({ name, type }) => `\n> [!CAUTION]\n> **Data is lost:** \`${name}\` ${dataOf(type)}.`,
    ),
    ...violations(plan),
    ...table(
      ['', 'Resource', 'Type', 'Properties'],
      ordered.map(({ action, name, type, properties }) => [
        action === 'replace' || action === 'delete' ? `**${action}**` : action,
        code(name),
        type,
        properties.map(code).join(', '),
      ]),
    ),
    ...list('Alarms and dashboards', watched(changes).map(changed)),
    ...list('Rights gained', rights.gained),
    ...list('Rights lost', rights.lost),
    `\n### Price a month\n\nidle **$${price.perMonthIdle}** (${difference(price.before.perMonthIdle, price.perMonthIdle)}), ` +
      `at ${price.perMonthAt.requestsPerSecond} requests/s **$${price.perMonthAt.dollars}** ` +
      `(${difference(price.before.perMonthAt.dollars, price.perMonthAt.dollars)}), list prices of ${price.after.region}`,
    details(
      'How it comes about',
      table(
        ['Part', 'Idle', `At ${price.perMonthAt.requestsPerSecond}/s`, 'Formula'],
        price.after.lines.map(({ what, idle, atRate, formula }) => [
          what,
          `$${idle}`,
          `$${atRate}`,
          formula,
        ]),
      ),
    ),
    '',
  ].join('\n');
}

function violations({ violations: found }: Plan): string[] {
  return list(
    'Policies',
    found.map(({ level, policy, message }) => `**${level}** ${policy}: ${message}`),
  );
}

function changed({ action, name }: Change): string {
  return `${action} ${code(name)}`;
}

function list(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  return [`\n### ${title}\n`, ...shortened(lines.map((line) => `- ${escape(line)}`))];
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(escape).join(' | ')} |`;
  return ['', line(head), line(head.map(() => '---')), ...shortened(rows.map(line))];
}

function shortened(lines: readonly string[]): string[] {
  const more = lines.length - MOST_ROWS;
  return more <= 0 ? [...lines] : [...lines.slice(0, MOST_ROWS), '', `and ${more} more.`];
}

function details(summary: string, lines: readonly string[]): string {
  return `\n<details><summary>${summary}</summary>\n${lines.join('\n')}\n\n</details>`;
}

function code(text: string): string {
  return `\`${text}\``;
}

function escape(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
