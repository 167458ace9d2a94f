// What answers DynamoDB's calls, whichever engine it is, and the keys of items.
import type { DynaliteTable, Item } from 'dynalite/db';

export type Input = Record<string, unknown>;

/** What answers DynamoDB's calls. */
export interface DynamoDbEngine {
  call(operation: string, input: Input): Promise<Input>;
  sweepExpired?(nowSeconds: number): Promise<number>;
  close(): Promise<void>;
}

/** The key attributes of an item. */
export function keyOf(item: Item, table: DynaliteTable): Item {
  const entries = table.KeySchema.map(({ AttributeName }) => [AttributeName, item[AttributeName]]);
  return Object.fromEntries(entries) as Item;
}
