// Draws a plan as one self-contained HTML page.
import { childrenByParent, countByType, type Plan, type PlannedResource } from './plan';

/** The plan as a page without scripts and without anything to load. */
export function renderHtml(plan: Plan): string {
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
<h2>Policies</h2>
${violations(plan)}
<h2>Outputs</h2>
${table(
  ['Output', 'Value'],
  Object.entries(plan.outputs).map(([name, value]) => [name, shown(value)]),
)}
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
table{border-collapse:collapse}td,th{text-align:left;padding:.2rem .8rem .2rem 0;vertical-align:top;overflow-wrap:anywhere}
.tree,.tree ul{list-style:none;padding-left:1.2rem;border-left:1px solid #8884}
summary{cursor:pointer}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:.85em;max-height:24rem;overflow:auto}
small{opacity:.7}.mark{border:1px solid;border-radius:.3em;padding:0 .3em;font-size:.8em}
.mandatory{color:#c33}`;

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
