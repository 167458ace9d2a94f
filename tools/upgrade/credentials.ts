// Moves ciphertexts out of the table of users into the table of credentials, on a stack that was made before.
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import {
  DynamoDBDocumentClient,
  paginateScan,
  TransactWriteCommand,
  UpdateCommand,
} from '@aws-sdk/lib-dynamodb';

/** Physical names: the stack's output `tables` has them. */
export interface CredentialTables {
  readonly users: string;
  readonly credentials: string;
}

/** Attribute of a user in which the ciphertext was. */
const OLD_ATTRIBUTE = 'credentials';

/**
 * Moves all that are left, while the service runs; run again it goes on where it ended. Newer
 * credentials, which the service has written into their table since, stay as they are.
 * @returns how many users had a ciphertext.
 */
export async function moveCredentials(
  client: DynamoDBClient,
  tables: CredentialTables,
): Promise<number> {
  const documents = DynamoDBDocumentClient.from(client);
  const pages = paginateScan(
    { client: documents },
    {
      TableName: tables.users,
      ConsistentRead: true,
      FilterExpression: 'attribute_exists(#old)',
      ProjectionExpression: 'id, #old',
      ExpressionAttributeNames: { '#old': OLD_ATTRIBUTE },
    },
  );
  let moved = 0;
  for await (const { Items = [] } of pages) {
    for (const item of Items) {
      await moveOne(documents, tables, item as Holder);
      moved += 1;
    }
  }
  return moved;
}

interface Holder {
  readonly id: string;
  readonly credentials: Uint8Array;
}

async function moveOne(
  documents: DynamoDBDocumentClient,
  tables: CredentialTables,
  { id, credentials }: Holder,
): Promise<void> {
  const removal = {
    TableName: tables.users,
    Key: { id },
    UpdateExpression: 'REMOVE #old',
    // Not of a user that was deleted meanwhile: an update would bring it back.
    ConditionExpression: '#old = :seen',
    ExpressionAttributeNames: { '#old': OLD_ATTRIBUTE },
    ExpressionAttributeValues: { ':seen': credentials },
  };
  try {
    await documents.send(
      new TransactWriteCommand({
        TransactItems: [
          { Update: removal },
          {
            Put: {
              TableName: tables.credentials,
              Item: { id, ciphertext: credentials },
              ConditionExpression: 'attribute_not_exists(id)',
            },
          },
        ],
      }),
    );
  } catch (error) {
    if (!(error instanceof TransactionCanceledException)) throw error;
    const [user, newer] = (error.CancellationReasons ?? []).map(({ Code }) => Code);
    const isGone = user === 'ConditionalCheckFailed';
    if (isGone) return;
    if (newer !== 'ConditionalCheckFailed') throw error;
    await documents.send(new UpdateCommand(removal));
  }
}
