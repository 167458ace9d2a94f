// Calls of DynamoDB as IAM sees them, for tests: which actions on what, with the condition keys of each.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
import type { AccessRequest } from '../../tools/iam/evaluate';

/** The members of a call's input that IAM's condition keys are made of. */
export interface TableCall {
  TableName?: string;
  IndexName?: string;
  Key?: object;
  Item?: object;
  ProjectionExpression?: string;
  ReturnValues?: string;
  ReturnValuesOnConditionCheckFailure?: string;
  ExpressionAttributeNames?: Record<string, string>;
  TransactItems?: Record<string, TableCall>[];
}

/** What IAM is asked for one call: once for each item of a transaction. */
export function accessRequests(
  operation: string,
  input: TableCall,
  arnOf: (table: string) => string,
): AccessRequest[] {
  if (operation === 'TransactWriteItems') {
    return (input.TransactItems ?? []).flatMap((entry) =>
      Object.entries(entry).flatMap(([kind, item]) =>
        accessRequests(`${kind}Item`, item, arnOf).map((request) => ({
          ...request,
          context: { ...request.context, 'dynamodb:EnclosingOperation': operation },
        })),
      ),
    );
  }
  const { IndexName, Key = {}, Item = {}, ExpressionAttributeNames = {} } = input;
  const isRead = /^(GetItem|Query|Scan)$/.test(operation);
  const select =
    input.ProjectionExpression === undefined ? 'ALL_ATTRIBUTES' : 'SPECIFIC_ATTRIBUTES';
  return [
    {
      action: `dynamodb:${operation}`,
      resource: `${arnOf(input.TableName ?? '')}${IndexName === undefined ? '' : `/index/${IndexName}`}`,
      context: {
        'dynamodb:Attributes': [
          ...Object.keys({ ...Key, ...Item }),
          ...Object.values(ExpressionAttributeNames),
        ],
        ...(isRead ? { 'dynamodb:Select': select } : {}),
        ...(input.ReturnValues === undefined
          ? {}
          : { 'dynamodb:ReturnValues': input.ReturnValues }),
      },
    },
  ];
}
