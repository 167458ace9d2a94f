// A keys table in the embedded DynamoDB, by its wire protocol.
import { KEYS_TABLE } from '../../contracts/keys-table';

/** Makes one call. @throws Error with the service's answer when it refuses. */
export async function callDynamoDb(
  url: string,
  operation: string,
  input: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.0',
      'x-amz-target': `DynamoDB_20120810.${operation}`,
      authorization:
        'AWS4-HMAC-SHA256 Credential=local/20261121/eu-central-1/dynamodb/aws4_request, ' +
        'SignedHeaders=host, Signature=0',
      'x-amz-date': '20261121T120000Z',
    },
    body: JSON.stringify(input),
  });
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${operation}: ${text}`);
  }
  return JSON.parse(text) as Record<string, unknown>;
}

export async function createKeysTable(url: string, table: string): Promise<void> {
  const { partitionKey, sortKey } = KEYS_TABLE;
  await callDynamoDb(url, 'CreateTable', {
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [
      { AttributeName: partitionKey, AttributeType: 'S' },
      { AttributeName: sortKey, AttributeType: 'S' },
    ],
    KeySchema: [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ],
  });
}
