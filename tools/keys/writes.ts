// Writes on the keys table: each change with its audit item, all or nothing.
import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand, type TransactWriteCommandInput } from '@aws-sdk/lib-dynamodb';
import type { KeyRecord } from '../../contracts/api-key';
import { auditItem, type Actor, type AuditItem } from './audit';
import { KeyError, UncertainError } from './key-error';
import { documents, type KeysTable } from './table';

type Write = NonNullable<TransactWriteCommandInput['TransactItems']>[number];

export function putNew({ table }: KeysTable, item: KeyRecord): Write {
  return {
    Put: {
      TableName: table,
      Item: item,
      ConditionExpression: 'attribute_not_exists(keyId)',
    },
  };
}

/** Writes the whole record, if it is still the version that was read. */
export function putChanged({ table }: KeysTable, item: KeyRecord, version: number): Write {
  return {
    Put: {
      TableName: table,
      Item: item,
      ConditionExpression: 'version = :version',
      ExpressionAttributeValues: { ':version': version },
    },
  };
}

export function putAudit(
  keys: KeysTable,
  keyId: string,
  action: AuditItem['action'],
  actor: Actor,
  details: AuditItem['details'],
): Write {
  const time = keys.now?.() ?? Date.now();
  return {
    Put: {
      TableName: keys.table,
      Item: auditItem({ keyId, action, time, actor, details }),
      // Append-only: an audit item is never written over.
      ConditionExpression: 'attribute_not_exists(keyId)',
    },
  };
}

/**
 * All or nothing: no change without its audit item, no audit item without its change.
 * @param madeKeyId Key that would be new and that nobody has seen, if any. @default none
 * @throws KeyError when somebody else was there first; UncertainError when AWS gave no answer.
 */
export async function write(
  keys: KeysTable,
  action: string,
  keyId: string,
  writes: Write[],
  madeKeyId?: string,
): Promise<void> {
  try {
    await documents(keys).send(new TransactWriteCommand({ TransactItems: writes }));
  } catch (error) {
    if (error instanceof TransactionCanceledException) {
      throw new KeyError(
        `The key ${keyId} was changed by somebody else while you wanted to ${action} it; nothing ` +
          `was written. Look at it with "keys show ${keyId}" and try again.`,
        { cause: error },
      );
    }
    if (isRefusal(error)) throw error;
    const { name, message } = error as Error;
    const made =
      madeKeyId === undefined
        ? ''
        : ` The key ${madeKeyId} may be there, and nobody has it: revoke it with "keys revoke ${madeKeyId}".`;
    throw new UncertainError(
      `AWS did not say whether it could ${action} the key ${keyId} (${name}: ${message}). Look with ` +
        `"keys show ${keyId}".${made}`,
      { cause: error },
    );
  }
}

/** An answer of DynamoDB that it did nothing. */
function isRefusal(error: unknown): boolean {
  const { $metadata } = error as { $metadata?: { httpStatusCode?: number } };
  const status = $metadata?.httpStatusCode;
  return status !== undefined && status < 500;
}
