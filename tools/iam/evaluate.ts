// Decides as IAM does whether policy documents allow a request, conditions included.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
import { holds, type ConditionBlock, type RequestContext } from './conditions';
import { many, matches, type OneOrMore } from './patterns';

/** A policy document as JSON text or as the value that it stands for. */
export type PolicyDocument =
  string | { readonly Version?: string; readonly Statement: OneOrMore<PolicyStatement> };

/** A statement in any form that IAM takes in the policy of an identity. */
export interface PolicyStatement {
  readonly Sid?: string;
  readonly Effect: 'Allow' | 'Deny';
  readonly Action?: OneOrMore<string>;
  readonly NotAction?: OneOrMore<string>;
  readonly Resource?: OneOrMore<string>;
  readonly NotResource?: OneOrMore<string>;
  readonly Condition?: ConditionBlock;
}

/** What somebody wants to do. */
export interface AccessRequest {
  /** For example `dynamodb:GetItem`. */
  readonly action: string;
  /** ARN, or `*` where the action takes no resource. */
  readonly resource: string;
  /** Values of condition keys; keys that are not here are absent from the request. */
  readonly context?: RequestContext;
}

/** The outcome, and the statement that decided it. */
export interface Decision {
  readonly allowed: boolean;
  /** `explicit-deny` by a Deny, `implicit-deny` when nothing allows it. */
  readonly reason: 'allowed' | 'explicit-deny' | 'implicit-deny';
  readonly statement?: PolicyStatement;
}

/**
 * Whether the documents of one identity, taken together, allow the request: a Deny wins, then an
 * Allow, and what nobody mentions is denied.
 * @throws Error when a document is not JSON, or uses a condition operator that IAM does not have.
 */
export function evaluate(documents: readonly PolicyDocument[], request: AccessRequest): Decision {
  const matching = documents
    .flatMap(statementsOf)
    .filter((statement) => applies(statement, request));
  const deny = matching.find(({ Effect }) => Effect === 'Deny');
  if (deny !== undefined) return { allowed: false, reason: 'explicit-deny', statement: deny };
  const allow = matching.find(({ Effect }) => Effect === 'Allow');
  if (allow !== undefined) return { allowed: true, reason: 'allowed', statement: allow };
  return { allowed: false, reason: 'implicit-deny' };
}

/** The statements of a document. @throws Error when it is not one. */
export function statementsOf(document: PolicyDocument): readonly PolicyStatement[] {
  let parsed: PolicyDocument;
  try {
    parsed = typeof document === 'string' ? (JSON.parse(document) as PolicyDocument) : document;
  } catch (error) {
    throw new Error(`A policy document is not JSON: ${(error as Error).message}`, { cause: error });
  }
  const statements = (parsed as { Statement?: OneOrMore<PolicyStatement> }).Statement;
  if (statements === undefined) throw new Error('A policy document has no Statement.');
  return many(statements);
}

function applies(statement: PolicyStatement, request: AccessRequest): boolean {
  const { action, resource, context = {} } = request;
  const actions = (patterns: OneOrMore<string> | undefined): boolean =>
    many(patterns).some((pattern) => matches(pattern.toLowerCase(), action.toLowerCase()));
  const resources = (patterns: OneOrMore<string> | undefined): boolean =>
    many(patterns).some((pattern) => matches(substituted(pattern, context), resource));
  return (
    (statement.NotAction === undefined
      ? actions(statement.Action)
      : !actions(statement.NotAction)) &&
    (statement.NotResource === undefined
      ? resources(statement.Resource)
      : !resources(statement.NotResource)) &&
    holds(statement.Condition ?? {}, context)
  );
}

/** Policy variables (`${aws:PrincipalTag/team}`); one without a value matches nothing. */
function substituted(pattern: string, context: RequestContext): string {
  return pattern.replace(/\$\{([^}]+)\}/g, (_whole, key: string) => {
    return many(context[key])[0] ?? '\u0000';
  });
}
