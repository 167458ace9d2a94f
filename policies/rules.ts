// Every rule of the pack, in the order in which they are reported.
import { CONTAINER_RULES } from './container';
import { DATA_RULES } from './data';
import { DATA_ACCESS_RULES } from './data-access';
import { ECS_SERVICE_RULES } from './ecs-service';
import { EDGE_RULES } from './edge';
import { EDGE_FUNCTION_RULES } from './edge-function';
import { IAM_RULES } from './iam';
import { LOG_RULES } from './logs';
import { NAME_RULES } from './names';
import { NETWORK_RULES } from './network';
import { STATEFUL_RULES } from './stateful';
import { WAF_RULES } from './waf';
import type { PolicyResource, Rule } from './rule';

/** All rules. */
export const RULES: readonly Rule[] = [
  ...NETWORK_RULES,
  ...EDGE_RULES,
  ...EDGE_FUNCTION_RULES,
  ...WAF_RULES,
  ...CONTAINER_RULES,
  ...ECS_SERVICE_RULES,
  ...DATA_RULES,
  ...IAM_RULES,
  ...DATA_ACCESS_RULES,
  ...LOG_RULES,
  ...STATEFUL_RULES,
  ...NAME_RULES,
];

/** A violation with the rule that it breaks. */
export interface Verdict {
  readonly policy: string;
  readonly level: Rule['level'];
  readonly urn: string;
  readonly message: string;
}

/** Runs every rule over the resources of a stack: the mandatory ones first. */
export function verdicts(resources: readonly PolicyResource[]): Verdict[] {
  const all = RULES.flatMap((rule) =>
    rule.check(resources).map(({ urn, message }) => ({
      policy: rule.name,
      level: rule.level,
      urn,
      message,
    })),
  );
  return [
    ...all.filter(({ level }) => level === 'mandatory'),
    ...all.filter(({ level }) => level === 'advisory'),
  ];
}
