// Draws a plan as one self-contained HTML page.
import { countChanges, difference, type Comparison } from './comparison';
import { childrenByParent, countByType, type Plan, type PlannedResource } from './plan';

/**
 * The plan as a page without scripts and without anything to load.
 * @param comparison What it changes since an earlier plan.
 */
export function renderHtml(plan: Plan, comparison?: Comparison): string {
  const children = childrenByParent(plan);
  const roots = (children.get('') ?? []).map((root) => node(root, children)).join('');
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Plan of ${escape(plan.stack)}</title>
<style>${STYLE}</style>
<h1>Plan of stack ${escape(plan.stack)}</h1>
<p>${plan.resources.length} resources, ${plan.violations.length} policy violations</p>
${comparison === undefined ? '' : changes(comparison)}
<h2>The way of a request</h2>
${requestPath(plan)}
<h2>Policies</h2>
${violations(plan)}
<h2>Outputs</h2>
${table(
  ['Output', 'Value'],
  Object.entries(plan.outputs).map(([name, value]) => [name, shown(value)]),
)}
<h2>Dashboards</h2>
${dashboards(plan)}
<h2>Resources</h2>
<ul class="tree">${roots}</ul>
<h2>Resources by type</h2>
${table(
  ['Type', 'Count'],
  countByType(plan).map(([type, count]) => [type, String(count)]),
)}
</html>
`;
}

const STYLE = `
:root{color-scheme:light dark;font:15px/1.5 system-ui,sans-serif}
body{max-width:75rem;margin:2rem auto;padding:0 1rem}
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top;overflow-wrap:anywhere}td:first-child{white-space:nowrap}
.tree,.tree ul{list-style:none;padding-left:1.2rem;border-left:1px solid #8884}
summary{cursor:pointer}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85em;max-height:24rem;overflow:auto}
small{opacity:.7}.mark{border:1px solid;border-radius:.3em;padding:0 .3em;font-size:.8em}
.mandatory,.lost{color:#c33}
.path{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;padding:0;list-style:none}
.path li{border:1px solid;border-radius:.5em;padding:.4em .8em}.path li+li::before{content:'→';margin-left:-1.6em;margin-right:.7em}
.path li+li{margin-left:1rem}
.board{display:grid;grid-template-columns:repeat(24,1fr);grid-auto-rows:1.4rem;gap:.2rem;font-size:.75em}
.widget{border:1px solid #8886;border-radius:.3em;padding:.2em .5em;overflow:auto}`;

function node(resource: PlannedResource, children: Map<string, PlannedResource[]>): string {
  const below = (children.get(resource.urn) ?? []).map((child) => node(child, children)).join('');
  const marks = [
    ...(resource.options.protect ? ['protect'] : []),
    ...(resource.options.retainOnDelete ? ['retain'] : []),
  ].map((mark) => ` <span class="mark">${mark}</span>`);
  const inputs = escape(JSON.stringify(resource.inputs, null, 2));
  return (
    `<li><details><summary>${escape(resource.name)} <small>${escape(resource.type)}</small>` +
    `${marks.join('')}</summary><pre>${inputs}</pre></details>` +
    `${below === '' ? '' : `<ul>${below}</ul>`}</li>`
  );
}

function changes({ changes: all, rights, price }: Comparison): string {
  const list = (title: string, lines: readonly string[]): string =>
    lines.length === 0
      ? ''
      : `<h3>${title}</h3><ul>${lines.map((each) => `<li>${escape(each)}</li>`).join('')}</ul>`;
  const rows = all.map(({ action, name, type, properties, losesData }) => {
    const what = losesData ? `${action}, data is lost` : action;
    const cells = [what, name, type, properties.join(', ')].map(
      (cell) => `<td>${escape(cell)}</td>`,
    );
    return `<tr${losesData ? ' class="lost"' : ''}>${cells.join('')}</tr>`;
  });
  const { after, before, perMonthIdle, perMonthAt } = price;
  return `<h2>What changes: ${countChanges(all)}</h2><table>${rows.join('')}</table>
${list('Rights gained', rights.gained)}${list('Rights lost', rights.lost)}
<h3>Price a month</h3><p>Idle $${perMonthIdle} (${difference(before.perMonthIdle, perMonthIdle)}), at ${perMonthAt.requestsPerSecond} requests a second $${perMonthAt.dollars} (${difference(before.perMonthAt.dollars, perMonthAt.dollars)}); list prices of ${after.region}.</p>
${table(
  ['Part', 'Idle', 'At the rate', 'Formula'],
  after.lines.map(({ what, idle, atRate, formula }) => [what, `$${idle}`, `$${atRate}`, formula]),
)}`;
}

function violations(plan: Plan): string {
  if (plan.violations.length === 0) return '<p>No violation.</p>';
  const items = plan.violations.map(
    ({ level, policy, urn, message }) =>
      `<li class="${level}"><b>${level} ${escape(policy)}</b> <small>${escape(urn)}</small><br>${escape(message)}</li>`,
  );
  return `<ul>${items.join('')}</ul>`;
}

function table(head: string[], rows: string[][]): string {
  const line = (cells: string[], tag: string): string =>
    `<tr>${cells.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join('')}</tr>`;
  return `<table>${line(head, 'th')}${rows.map((row) => line(row, 'td')).join('')}</table>`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

/** Stations of a request in order: a type of resource, and what people call it. */
const STATIONS: readonly [type: string, label: string, name?: RegExp][] = [
  ['aws:wafv2/webAcl:WebAcl', 'WAF'],
  ['aws:cloudfront/distribution:Distribution', 'CloudFront'],
  ['aws:lambda/function:Function', 'key check', /-edge-fn$/],
  ['aws:cloudfront/vpcOrigin:VpcOrigin', 'VPC origin'],
  ['aws:lb/loadBalancer:LoadBalancer', 'internal load balancer'],
  ['aws:apigatewayv2/api:Api', 'API Gateway'],
  ['aws:ecs/service:Service', 'tasks on Fargate'],
  ['aws:lambda/function:Function', 'function', /^gh-fn$/],
  // The workload's; the platform has the table of keys, and keys of its own.
  ['aws:dynamodb/table:Table', 'DynamoDB', /^gh-(?!keys$)/],
  ['aws:kms/key:Key', 'KMS', /^gh-(?!tables|telemetry)/],
];

/** The stations that the plan has; a stack on Lambda has others than one on Fargate. */
function requestPath(plan: Plan): string {
  const stations = STATIONS.flatMap(([type, label, pattern = /^/]) =>
    plan.resources
      .filter((resource) => resource.type === type && pattern.test(resource.name))
      .slice(0, 1)
      .map(({ name }) => `<li>${escape(label)} <small>${escape(name)}</small></li>`),
  );
  return `<ol class="path"><li>caller</li>${stations.join('')}</ol>`;
}

interface Widget {
  x: number;
  y: number;
  width: number;
  height: number;
  properties: { title?: string; markdown?: string; metrics?: unknown[][] };
}

/** Every dashboard as CloudWatch would lay it out, with the names of its metrics for graphs. */
function dashboards(plan: Plan): string {
  return plan.resources
    .filter(({ type }) => type === 'aws:cloudwatch/dashboard:Dashboard')
    .map(({ name, inputs }) => {
      const { widgets } = JSON.parse(inputs.dashboardBody as string) as { widgets: Widget[] };
      return `<h3>${escape(name)}</h3><div class="board">${widgets.map(widget).join('')}</div>`;
    })
    .join('');
}

function widget({ x, y, width, height, properties }: Widget): string {
  const { title, markdown, metrics = [] } = properties;
  const names = metrics.map(metricName).filter((name) => name !== undefined);
  const place = `grid-column:${x + 1}/span ${width};grid-row:${y + 1}/span ${height}`;
  return (
    `<div class="widget" style="${place}"><b>${escape(title ?? markdown ?? '')}</b>` +
    `<br><small>${escape([...new Set(names)].join(', '))}</small></div>`
  );
}

/** A line is `[namespace, name, dimensions…]` or `[{ expression, label }]`. */
function metricName([first, second]: unknown[]): string | undefined {
  if (typeof second === 'string') return second;
  const { label, expression } = (first ?? {}) as { label?: string; expression?: string };
  return label ?? expression;
}
