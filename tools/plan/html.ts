// Draws a plan as one self-contained HTML page.
import { countChanges, difference, type Comparison } from './comparison';
import { bundlePlanPage } from '../console/bundle';
import {
  alarms,
  architecture,
  cost,
  escape,
  exampleDashboards,
  settings,
  table,
} from './html-sections';
import { childrenByParent, countByType, type Plan, type PlannedResource } from './plan';

/**
 * The plan as one page that loads nothing: its script and style are in it.
 * @param options.comparison what it changes since an earlier plan.
 * @param options.requests requests a second that the price is given for. @default 100
 */
export async function renderHtml(
  plan: Plan,
  { comparison, requests = 100 }: { comparison?: Comparison | undefined; requests?: number } = {},
): Promise<string> {
  const children = childrenByParent(plan);
  const roots = (children.get('') ?? []).map((root) => node(root, children)).join('');
  const dashboards = exampleDashboards(plan);
  const { script, style } = await bundlePlanPage();
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Plan of ${escape(plan.stack)}</title>
<style>${style}${STYLE}</style>
<main>
<h1>Plan of stack ${escape(plan.stack)}</h1>
<p>${plan.resources.length} resources; ${verdict(plan)}</p>
${comparison === undefined ? '' : changes(comparison)}
${dashboards.map(dashboard).join('')}
<h2>The way of a request</h2>
${architecture(plan)}
<h2>Settings that differ from their defaults</h2>
${settings(plan)}
<h2>Alarms that call somebody</h2>
${alarms(plan)}
<h2>Cost</h2>
${cost(plan, requests)}
<h2>Policies</h2>
${violations(plan)}
<details><summary>Outputs</summary>
${table(
  ['Output', 'Value'],
  Object.entries(plan.outputs).map(([name, value]) => [name, shown(value)]),
)}
</details>
<details><summary>All ${plan.resources.length} resources with their inputs</summary>
<ul class="tree">${roots}</ul>
</details>
<details><summary>Resources by type</summary>
${table(
  ['Type', 'Count'],
  countByType(plan).map(([type, count]) => [type, String(count)]),
)}
</details>
</main>
<script type="application/json" id="dashboards-data">${JSON.stringify(dashboards).replaceAll('<', '\\u003c')}</script>
<script>${script.replaceAll('</script', '<\\/script')}</script>
</html>
`;
}

/** The overview open, the others folded. */
function dashboard({ name, title }: { name: string; title: string }): string {
  const place = `<div id="dashboard-${escape(name)}"></div>`;
  const band =
    '<p class="band">Example data: widgets, thresholds and names are those of the plan, the numbers are invented.</p>';
  return name === 'overview'
    ? `<h2>${escape(title)}</h2>${band}${place}`
    : `<details class="dashboard"><summary>${escape(title)}</summary>${band}${place}</details>`;
}

/** Over the console's own style. */
const STYLE = `
main{max-width:1440px}h1{margin:1rem 0 0;font-size:22px}main>h2{margin-top:1.6rem;font-size:17px}
.band{margin:.6rem 0 0;padding:6px 12px;border-left:6px solid var(--warn);background:var(--warn-back)}
main>details{margin-top:.8rem}main>details>summary{font-size:15px}
.tree,.tree ul{list-style:none;padding-left:1.2rem;border-left:1px solid var(--line)}
summary{cursor:pointer}.tree pre{white-space:pre-wrap;overflow-wrap:anywhere}
.mark{border:1px solid;border-radius:.3em;padding:0 .3em;font-size:.8em}
.mandatory,.lost{color:var(--bad)}
td:first-child{white-space:nowrap}td,li{overflow-wrap:anywhere}
.architecture{display:block;margin-top:.4rem}
.architecture rect{fill:var(--card);stroke:var(--accent)}.architecture rect.zone{fill:none;stroke:var(--line)}
.architecture text{fill:var(--ink);font:600 13px system-ui,sans-serif}
.architecture text.name,.architecture text.zone{fill:var(--soft);font-weight:400;font-size:12px}
.architecture .arrow{stroke:var(--soft);fill:none}.architecture marker path{fill:var(--soft)}`;

function node(resource: PlannedResource, children: Map<string, PlannedResource[]>): string {
  const below = (children.get(resource.urn) ?? []).map((child) => node(child, children)).join('');
  const marks = [
    ...(resource.options.protect ? ['protect'] : []),
    ...(resource.options.retainOnDelete ? ['retain'] : []),
    ...(resource.options.import === undefined ? [] : [`adopt ${escape(resource.options.import)}`]),
  ].map((mark) => ` <span class="mark">${mark}</span>`);
  const inputs = escape(JSON.stringify(resource.inputs, null, 2));
  return (
    `<li><details><summary>${escape(resource.name)} <small>${escape(resource.type)}</small>` +
    `${marks.join('')}</summary><pre tabindex="0">${inputs}</pre></details>` +
    `${below === '' ? '' : `<ul>${below}</ul>`}</li>`
  );
}

const LOST = 'data is lost';

function changes({ changes: all, rights, price }: Comparison): string {
  const list = (title: string, lines: readonly string[]): string =>
    lines.length === 0
      ? ''
      : `<h3>${title}</h3><ul>${lines.map((each) => `<li>${escape(each)}</li>`).join('')}</ul>`;
  const rows = all.map(({ action, name, type, properties, losesData }) => [
    losesData ? `${action}, ${LOST}` : action,
    ...[name, type, properties.join(', ')],
  ]);
  const { after, before, perMonthIdle, perMonthAt } = price;
  return `<h2>What changes: ${countChanges(all)}</h2>
${table(['Action', 'Resource', 'Type', 'Properties'], rows, ([action]) => (action?.endsWith(LOST) === true ? 'lost' : ''))}
${list('Rights gained', rights.gained)}${list('Rights lost', rights.lost)}
<h3>Price a month</h3><p>Idle $${perMonthIdle} (${difference(before.perMonthIdle, perMonthIdle)}), at ${perMonthAt.requestsPerSecond} requests a second $${perMonthAt.dollars} (${difference(before.perMonthAt.dollars, perMonthAt.dollars)}); list prices of ${after.region}.</p>
${table(
  ['Part', 'Idle', 'At the rate', 'Formula'],
  after.lines.map(({ what, idle, atRate, formula }) => [what, `$${idle}`, `$${atRate}`, formula]),
)}`;
}

/** How many rules hold the plan up, and how many only advise. */
function verdict({ violations: all }: Plan): string {
  const mandatory = all.filter(({ level }) => level === 'mandatory').length;
  return `policies: ${mandatory} violated, ${all.length - mandatory} with advice`;
}

function violations(plan: Plan): string {
  if (plan.violations.length === 0) return '<p>No violation.</p>';
  const items = plan.violations.map(
    ({ level, policy, urn, message }) =>
      `<li class="${level}"><b>${level} ${escape(policy)}</b> <small>${escape(urn)}</small><br>${escape(message)}</li>`,
  );
  return `<ul>${items.join('')}</ul>`;
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
