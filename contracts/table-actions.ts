// What can be done with items of a DynamoDB table, and which of it tells what they hold.

/**
 * Actions on items of a table.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export const TABLE_ACTIONS = [
  'BatchGetItem',
  'BatchWriteItem',
  'ConditionCheckItem',
  'DeleteItem',
  'DescribeTable',
  'GetItem',
  'PartiQLDelete',
  'PartiQLInsert',
  'PartiQLSelect',
  'PartiQLUpdate',
  'PutItem',
  'Query',
  'Scan',
  'UpdateItem',
] as const;

/** Those of them that a table takes which is written and never read; PartiQL's writes may return items. */
export const WRITE_ONLY_ACTIONS: readonly string[] = [
  'BatchWriteItem',
  'DeleteItem',
  'DescribeTable',
  'PutItem',
  'UpdateItem',
] satisfies (typeof TABLE_ACTIONS)[number][];

/** The others, by their full names: each tells what a table holds, if only whether a condition is true. */
export const READS_OF_TABLES: readonly string[] = TABLE_ACTIONS.filter(
  (action) => !WRITE_ONLY_ACTIONS.includes(action),
).map((action) => `dynamodb:${action}`);
