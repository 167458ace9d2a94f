// The helper that sweeps later: what it is called, what it deletes, and that it may delete nothing else.
import { createHash } from 'node:crypto';
import { GLOBAL_REGION } from '../../../contracts/aws-limits';

/** What the schedule hands the helper each time: all that it knows. */
export interface Errand {
  /** Of the schedule, the function and the role alike. */
  readonly name: string;
  /** Lambda@Edge functions; they are in us-east-1. */
  readonly functions: readonly string[];
  /** Regions in which these may have left a log group. */
  readonly regions: readonly string[];
}

/** Inline policy of the role. */
export const POLICY_NAME = 'later';

/** The same for the same stack, so that asking twice makes one. @param stack Its short name. */
export function helperName(project: string, stack: string): string {
  return `gh-later-${createHash('sha256').update(`${project}/${stack}`).digest('hex').slice(0, 12)}`;
}

/** Log group of an edge function, in each region where it has run. */
export function edgeLogGroup(functionName: string): string {
  return `/aws/lambda/${GLOBAL_REGION}.${functionName}`;
}

/** Who may take the role: the schedule, to start the helper, and Lambda, to run it. */
export function trustDocument(accountId: string): object {
  const statement = (service: string, condition: object) => ({
    Effect: 'Allow',
    Principal: { Service: `${service}.amazonaws.com` },
    Action: 'sts:AssumeRole',
    ...condition,
  });
  return {
    Version: '2012-10-17',
    Statement: [
      // Nobody else's schedule: https://docs.aws.amazon.com/scheduler/latest/UserGuide/cross-service-confused-deputy-prevention.html
      statement('scheduler', { Condition: { StringEquals: { 'aws:SourceAccount': accountId } } }),
      statement('lambda', {}),
    ],
  };
}

/** What the role may: delete these functions, their log groups, and itself with its helper. */
export function helperPolicy(accountId: string, { name, functions }: Errand): object {
  const lambda = (one: string): string =>
    `arn:aws:lambda:${GLOBAL_REGION}:${accountId}:function:${one}`;
  const allow = (Sid: string, Action: string[], Resource: string[]) => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
  });
  return {
    Version: '2012-10-17',
    Statement: [
      allow('EdgeFunctions', ['lambda:DeleteFunction'], functions.map(lambda)),
      allow(
        'TheirLogGroups',
        ['logs:DeleteLogGroup'],
        functions.map((one) => `arn:aws:logs:*:${accountId}:log-group:${edgeLogGroup(one)}:*`),
      ),
      allow('Itself', ['lambda:InvokeFunction', 'lambda:DeleteFunction'], [lambda(name)]),
      allow(
        'ItsSchedule',
        ['scheduler:DeleteSchedule'],
        [`arn:aws:scheduler:${GLOBAL_REGION}:${accountId}:schedule/default/${name}`],
      ),
      allow(
        'ItsRole',
        ['iam:DeleteRolePolicy', 'iam:DeleteRole'],
        [`arn:aws:iam::${accountId}:role/${name}`],
      ),
    ],
  };
}
