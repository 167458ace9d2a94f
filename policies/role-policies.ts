// Policies of roles as rules read them: their types, their statements, and lists however they are written.
import { at, list, parsed } from './inputs';

/** Types of resources that hold the policy of a role. */
export const ROLE_POLICIES = ['aws:iam/rolePolicy:RolePolicy', 'aws:iam/policy:Policy'];

/** Statements with an effect; by default those that allow something. */
export function allowed(document: unknown, effect = 'Allow'): unknown[] {
  return list(at(parsed(document), 'Statement')).filter(
    (statement) => at(statement, 'Effect') === effect,
  );
}

/** One text or a list of them as a list. */
export function texts(value: unknown): string[] {
  return list(value).map(String);
}
