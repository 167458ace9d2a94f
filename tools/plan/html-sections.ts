// Sections of a plan's page: the way of a request as a drawing, settings, alarms, cost, dashboards.
import { SETTINGS } from '../../infra/settings/settings';
import { readStackConfig } from '../../recorder/stack-file';
import type { DrawnDashboard } from '../console/view';
import { compileDashboard } from '../cloudwatch/dashboard';
import { exampleSource } from '../console/example';
import { HIDDEN, type Plan } from './plan';
import { priceOf } from './price';

export function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Text with code in backticks. */
export function prose(text: string): string {
  return escape(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>');
}

/** A table whose rows are cards on a narrow screen. */
export function table(
  head: string[],
  rows: string[][],
  kindOf: (row: string[]) => string = () => '',
): string {
  const cellOf = (cell: string, at: number) =>
    `<td data-column="${escape(head[at] ?? '')}">${cell === '' ? '' : `<span>${prose(cell)}</span>`}</td>`;
  const cells = (row: string[]) => row.map(cellOf);
  return (
    `<div class="scroll" tabindex="0"><table class="cards"><thead><tr>` +
    `${head.map((title) => `<th scope="col">${escape(title)}</th>`).join('')}</tr></thead>` +
    `<tbody>${rows.map((row) => `<tr class="${kindOf(row)}">${cells(row).join('')}</tr>`).join('')}</tbody></table></div>`
  );
}

/** Stations of a request in order: a type of resource, what people call it, and a row of the drawing. */
const STATIONS: readonly [type: string, label: string, where: string, name?: RegExp][] = [
  ['aws:wafv2/webAcl:WebAcl', 'WAF', 'edge'],
  ['aws:cloudfront/distribution:Distribution', 'CloudFront', 'edge'],
  ['aws:lambda/function:Function', 'key check', 'edge', /-edge-fn$/],
  ['aws:cloudfront/vpcOrigin:VpcOrigin', 'VPC origin', 'network'],
  ['aws:lb/loadBalancer:LoadBalancer', 'internal load balancer', 'network'],
  ['aws:apigatewayv2/api:Api', 'API Gateway', 'network'],
  ['aws:ecs/service:Service', 'tasks on Fargate', 'network'],
  ['aws:lambda/function:Function', 'function', 'network', /^gh-fn$/],
  // The workload's; the platform has the table of keys, and keys of its own.
  ['aws:dynamodb/table:Table', 'DynamoDB', 'data', /^gh-(?!keys$)/],
  ['aws:kms/key:Key', 'KMS', 'data', /^gh-(?!tables|telemetry)/],
];
const PLACES: readonly [string, string][] = [
  ['edge', 'At the edge (global)'],
  ['network', 'In the VPC'],
  ['data', 'Data'],
];
const BOX = { width: 184, height: 52, gap: 34, top: 46, row: 118 };

/** The stations that the plan has, as a drawing; a stack on Lambda has others than one on Fargate. */
export function architecture(plan: Plan): string {
  const stations = STATIONS.flatMap(([type, label, where, pattern = /^/]) =>
    plan.resources
      .filter((resource) => resource.type === type && pattern.test(resource.name))
      .map(({ name }, _index, { length }) => ({
        ...{ label, where },
        name: length === 1 ? name : `${name} +${length - 1}`,
      }))
      .slice(0, 1),
  );
  const rows = PLACES.map(([where, title]) => ({
    title,
    boxes: stations.filter((station) => station.where === where),
  })).filter(({ boxes }) => boxes.length > 0);
  const most = Math.max(...rows.map(({ boxes }) => boxes.length));
  const width = most * (BOX.width + BOX.gap) + 40;
  const parts = rows.map(({ title, boxes }, row) => {
    const y = BOX.top + row * BOX.row;
    const drawn = boxes.map(({ label, name }, index) => {
      const x = 24 + index * (BOX.width + BOX.gap);
      const arrow =
        index === 0
          ? ''
          : `<path class="arrow" d="M${x - BOX.gap + 2} ${y + 26}H${x - 6}" marker-end="url(#tip)"/>`;
      return `${arrow}<rect x="${x}" y="${y}" width="${BOX.width}" height="${BOX.height}" rx="8"/><text x="${x + 10}" y="${y + 22}">${escape(label)}</text><text class="name" x="${x + 10}" y="${y + 40}">${escape(name)}</text>`;
    });
    const down =
      row === 0
        ? ''
        : `<path class="arrow" d="M${width / 2} ${y - BOX.row + BOX.height + 14}V${y - 30}" marker-end="url(#tip)"/>`;
    return `${down}<rect class="zone" x="8" y="${y - 26}" width="${width - 16}" height="${BOX.height + 38}" rx="10"/><text class="zone" x="20" y="${y - 9}">${escape(title)}</text>${drawn.join('')}`;
  });
  const height = BOX.top + rows.length * BOX.row - 52;
  const said = stations.map(({ label }) => label).join(', then ');
  return `<div class="scroll" tabindex="0"><svg class="architecture" width="${width}" height="${height}" role="img" aria-label="A request passes ${escape(said)}"><defs><marker id="tip" markerWidth="8" markerHeight="8" refX="6" refY="3" orient="auto"><path d="M0 0L6 3L0 6z"/></marker></defs>${parts.join('')}</svg></div>`;
}

/** Settings of the stack's file that are not what they are without it. */
export function settings(plan: Plan): string {
  const { project, values, secretKeys } = readStackConfig(plan.stack);
  const rows = Object.entries(SETTINGS).flatMap(([key, setting]) => {
    const full = `${project}:${key}`;
    const value = values[full];
    const usual = setting.fallback;
    const fallback = typeof usual === 'object' ? JSON.stringify(usual) : String(usual ?? 'off');
    if (value === undefined || value === '' || value === fallback) return [];
    return [[key, secretKeys.includes(full) ? HIDDEN : value, fallback, setting.description]];
  });
  return rows.length === 0
    ? '<p>Every setting is at its default.</p>'
    : table(['Setting', 'Value', 'Default', 'What it is'], rows);
}

/** Alarms that call somebody, with what each is held against. */
export function alarms(plan: Plan): string {
  const found = plan.resources.filter(
    ({ type, inputs }) =>
      /cloudwatch\/(metric|composite)Alarm:/.test(type) &&
      ((inputs.alarmActions ?? []) as unknown[]).length > 0,
  );
  return table(
    ['Alarm', 'Rings when', 'What it says'],
    found.map(({ name, inputs }) => [name, condition(inputs), said(inputs.alarmDescription)]),
  );
}

function condition({
  threshold,
  comparisonOperator,
  datapointsToAlarm,
  evaluationPeriods,
  period,
  alarmRule,
}: Record<string, unknown>): string {
  if (alarmRule !== undefined) return 'both of its windows ring';
  const side = String(comparisonOperator).startsWith('Less') ? 'below' : 'above';
  const minutes = Number(period ?? 60) / 60;
  const span = minutes % 1440 === 0 ? `${minutes / 1440} d` : `${minutes} min`;
  const of = Number(evaluationPeriods);
  const times = of === 1 ? '' : `${String(datapointsToAlarm ?? of)} of ${of} times `;
  return `${side} ${String(threshold)} in ${times}${span}`;
}

/** The stack is in the page's heading. */
function said(description: unknown): string {
  const [first = ''] = String(description ?? '').split('\n');
  return first.replace(/^Stack [\w-]+: /, '');
}

/** What it costs a month, standing still and at a rate, each line with its formula. */
export function cost(plan: Plan, requestsPerSecond: number): string {
  const price = priceOf(plan, requestsPerSecond);
  const { perMonthIdle, perMonthAt, region, lines } = price;
  return `<p><b>$${perMonthIdle}</b> a month idle, <b>$${perMonthAt.dollars}</b> at ${perMonthAt.requestsPerSecond} requests a second; list prices of ${escape(region)}, without free tiers.</p>${table(
    ['Part', 'Idle', `At ${requestsPerSecond}/s`, 'Formula'],
    lines.map(({ what, idle, atRate, formula }) => [what, `$${idle}`, `$${atRate}`, formula]),
  )}`;
}

/** The time at which example data ends: the same page for the same plan. */
const EXAMPLE_END_MS = Date.UTC(2026, 0, 15, 12);
const EXAMPLE_RANGE_MS = 3 * 3_600_000;
const EXAMPLE_COLUMNS = 24;

/** Every dashboard with example data; the overview first. */
export function exampleDashboards(plan: Plan): DrawnDashboard[] {
  const source = exampleSource();
  return plan.resources
    .filter(({ type }) => type === 'aws:cloudwatch/dashboard:Dashboard')
    .map(({ name, inputs }) => {
      const short = name.replace(/^[^-]+-/, '');
      const shown = compileDashboard(inputs.dashboardBody as string)
        .draw(source, EXAMPLE_END_MS, { rangeMs: EXAMPLE_RANGE_MS })
        .filter(({ type, width }) => type !== 'alarm' && width <= EXAMPLE_COLUMNS)
        .map((widget) => (widget.type === 'log' ? { ...widget, rows: [] } : widget));
      const common = { rangeMs: EXAMPLE_RANGE_MS, atMs: EXAMPLE_END_MS };
      const title = `Dashboard ${short}`;
      return { name: short, title, ...common, widgets: withoutEmptyRows(shown) };
    })
    .sort((a, b) => Number(b.name === 'overview') - Number(a.name === 'overview'));
}

/** What is left out leaves no hole. */
function withoutEmptyRows<T extends { y: number; height: number }>(widgets: readonly T[]): T[] {
  const taken = new Set(
    widgets.flatMap(({ y, height }) => Array.from({ length: height }, (_none, row) => y + row)),
  );
  const free = (below: number) =>
    Array.from({ length: below }, (_none, row) => row).filter((row) => !taken.has(row)).length;
  return widgets.map((widget) => ({ ...widget, y: widget.y - free(widget.y) }));
}
