// What each role may do, and what a change gives or takes: asked of an evaluator, not read as text.
import { evaluate, statementsOf, type AccessRequest, type PolicyStatement } from '../iam/evaluate';
import { many } from '../iam/patterns';
import type { Plan } from './plan';

/** Rights that differ, a sentence each. */
export interface RightsChange {
  readonly gained: string[];
  readonly lost: string[];
}

/** What the roles of one plan may do and those of the other may not. */
export function rightsBetween(before: Plan, after: Plan): RightsChange {
  const [old, now] = [policiesByRole(before), policiesByRole(after)];
  return { gained: beyond(now, old), lost: beyond(old, now) };
}

type Policies = ReadonlyMap<string, readonly string[]>;

/** Policy documents by the logical name of the role that carries them. */
export function policiesByRole(plan: Plan): Policies {
  const names = new Map(plan.resources.map(({ urn, name }) => [urn, name]));
  const found = new Map<string, string[]>();
  for (const { type, inputs, options } of plan.resources) {
    if (type !== 'aws:iam/rolePolicy:RolePolicy' || typeof inputs.policy !== 'string') continue;
    const urn = options.dependencies.find((each) => each.includes('aws:iam/role:Role::'));
    const role = (urn === undefined ? undefined : names.get(urn)) ?? 'unknown role';
    found.set(role, [...(found.get(role) ?? []), inputs.policy]);
  }
  return found;
}

function beyond(wide: Policies, narrow: Policies): string[] {
  return [...wide].flatMap(([role, documents]) => {
    const others = narrow.get(role) ?? [];
    const sentences = documents
      .flatMap(statementsOf)
      .filter(({ Effect }) => Effect === 'Allow')
      .flatMap(requestsFor)
      .filter(
        (request) => evaluate(documents, request).allowed && !evaluate(others, request).allowed,
      )
      .map((request) => `${role} may ${sentence(request)}`);
    return [...new Set(sentences)];
  });
}

/** Requests at the edge of what a statement allows: each action on each resource, conditions met. */
function requestsFor(statement: PolicyStatement): AccessRequest[] {
  const context = contextFor(statement);
  return many(statement.Action).flatMap((action) =>
    many(statement.Resource).map((resource) => ({ action, resource, context })),
  );
}

/** The most that the conditions of a statement let through. */
function contextFor({ Condition = {} }: PolicyStatement): Record<string, string | string[]> {
  const context: Record<string, string | string[]> = {};
  for (const [operator, keys] of Object.entries(Condition)) {
    for (const [key, wanted] of Object.entries(keys)) {
      const values = many(wanted);
      if (operator === 'Null') {
        if (values.includes('false')) context[key] ??= 'any';
      } else if (!operator.includes('Not')) {
        context[key] = operator.startsWith('ForAllValues') ? [...values] : (values[0] ?? '');
      }
    }
  }
  return context;
}

function sentence({ action, resource, context = {} }: AccessRequest): string {
  const conditions = Object.entries(context).map(
    ([key, value]) => `${key} = ${many(value).join(' or ')}`,
  );
  return `${action} on ${resource}${conditions.length === 0 ? '' : ` (${conditions.join('; ')})`}`;
}
