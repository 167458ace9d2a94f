// IAM policy documents as pure functions: text in, JSON out.
import type { Statement } from '../../contracts/workload';

/** A policy document of these statements. */
export function policyOf(statements: readonly Statement[]): string {
  return JSON.stringify({ Version: '2012-10-17', Statement: statements });
}

/** Trust policy: one AWS service may take the role, nobody else. */
export function assumedBy(service: string): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'Assume',
        Effect: 'Allow',
        Principal: { Service: service },
        Action: 'sts:AssumeRole',
      },
    ],
  });
}

/**
 * Writes into log groups that exist already, and makes none: a late line would bring a deleted
 * group back without retention and break the next `up`.
 */
export function logWriterStatements(logGroupArns: readonly string[]): Statement[] {
  return [
    {
      Sid: 'WriteOwnLogs',
      Effect: 'Allow',
      Action: ['logs:CreateLogStream', 'logs:PutLogEvents', 'logs:DescribeLogStreams'],
      Resource: logGroupArns.map((arn) => `${arn}:*`),
    },
    {
      Sid: 'LogGroupsBelongToTheStack',
      Effect: 'Deny',
      Action: 'logs:CreateLogGroup',
      Resource: '*',
    },
  ];
}
