// Draws a plan as text: the tree, the counts, the violations, the outputs.
import { childrenByParent, countByType, type Plan, type PlannedResource } from './plan';

/** The plan for a terminal. */
export function renderText(plan: Plan): string {
  return [
    `Stack ${plan.stack}: ${plan.resources.length} resources`,
    '',
    ...tree(plan),
    '',
    'Resources by type',
    ...countByType(plan).map(([type, count]) => `  ${String(count).padStart(3)}  ${type}`),
    '',
    ...violations(plan),
    '',
    'Outputs',
    ...Object.entries(plan.outputs).map(([name, value]) => `  ${name}: ${shown(value)}`),
    '',
  ].join('\n');
}

function tree(plan: Plan): string[] {
  const children = childrenByParent(plan);
  const lines: string[] = [];
  const draw = (resource: PlannedResource, lead: string, branch: string): void => {
    lines.push(`${lead}${branch}${resource.type} ${resource.name}${marks(resource)}`);
    const below = children.get(resource.urn) ?? [];
    const next = branch === '' ? '' : lead + (branch === '├─ ' ? '│  ' : '   ');
    below.forEach((child, index) => draw(child, next, index + 1 < below.length ? '├─ ' : '└─ '));
  };
  for (const root of children.get('') ?? []) draw(root, '', '');
  return lines;
}

function marks({ options }: PlannedResource): string {
  const set = [
    ...(options.protect ? ['protect'] : []),
    ...(options.retainOnDelete ? ['retain'] : []),
    ...(options.import === undefined ? [] : [`adopt ${options.import}`]),
  ];
  return set.length === 0 ? '' : ` [${set.join(', ')}]`;
}

function violations(plan: Plan): string[] {
  if (plan.violations.length === 0) return ['Policies: no violation'];
  return [
    `Policies: ${plan.violations.length} violation(s)`,
    ...plan.violations.map(
      ({ level, policy, urn, message }) =>
        `  ${level} ${policy}: ${urn.split('::').at(-1) ?? urn}: ${message}`,
    ),
  ];
}

function shown(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
