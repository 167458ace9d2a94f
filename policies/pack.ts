// Turns the rules into policies of CrossGuard: single resources as they are planned, the rest at the end.
import type {
  Policies,
  PolicyResource as EngineResource,
  ResourceValidationArgs,
  ResourceValidationPolicy,
  StackValidationPolicy,
} from '@pulumi/policy';

import type { PolicyResource, Rule } from './rule';

/** The rules as the engine wants them. */
export function packPolicies(rules: readonly Rule[]): Policies {
  return rules.map((rule) => (rule.types === undefined ? stackPolicy(rule) : resourcePolicy(rule)));
}

function resourcePolicy(rule: Rule): ResourceValidationPolicy {
  return {
    ...about(rule),
    validateResource: (args, report) => {
      for (const { message } of rule.check([plain(args)])) report(message);
    },
  };
}

function stackPolicy(rule: Rule): StackValidationPolicy {
  return {
    ...about(rule),
    validateStack: (args, report) => {
      for (const { urn, message } of rule.check(args.resources.map(plain))) report(message, urn);
    },
  };
}

function about({ name, description, level }: Rule): {
  name: string;
  description: string;
  enforcementLevel: Rule['level'];
} {
  return { name, description, enforcementLevel: level };
}

/** The engine says nothing of `retainOnDelete`, so neither does this. */
function plain(
  resource: Pick<
    ResourceValidationArgs | EngineResource,
    'urn' | 'type' | 'name' | 'props' | 'opts'
  >,
): PolicyResource {
  const { urn, type, name, props, opts } = resource;
  return {
    urn,
    type,
    name,
    inputs: props,
    options: { protect: opts.protect, ignoreChanges: opts.ignoreChanges },
  };
}
