// Where keys are kept: the table, the client that reaches it, and the clock.
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';

/** Where the keys are. */
export interface KeysTable {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** The time, epoch milliseconds. @default Date.now */
  readonly now?: () => number;
}

/** The client that takes and gives plain objects. */
export function documents({ client }: KeysTable): DynamoDBDocumentClient {
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}

/** The time, epoch seconds. */
export function seconds(keys: KeysTable): number {
  return Math.floor((keys.now?.() ?? Date.now()) / 1000);
}
