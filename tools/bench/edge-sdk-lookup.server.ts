// The look-up of edge/dynamodb.ts as most would write it, on the AWS SDK: the benchmark's peer.
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import { KEY_RECORD_ITEM } from '../../contracts/keys-table';
import type { DynamoDbOptions } from '../../edge/dynamodb';
import type { StoredKey } from '../../edge/key-store';
import { readRecord } from '../../edge/record';

export function createRecordFetcher({
  table,
  regions,
}: DynamoDbOptions): (keyId: string) => Promise<StoredKey> {
  const client = new DynamoDBClient({ region: regions[0] ?? 'us-east-1' });
  return async (keyId) => {
    const { Item } = await client.send(
      new GetItemCommand({
        TableName: table,
        Key: { keyId: { S: keyId }, item: { S: KEY_RECORD_ITEM } },
        ConsistentRead: true,
      }),
    );
    return Item === undefined ? 'absent' : (readRecord(Item) ?? 'malformed');
  };
}
