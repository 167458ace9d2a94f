// Audit items: who did what to a key, when and from where; append-only, beside the key's record.

import { paginateQuery } from '@aws-sdk/lib-dynamodb';
import { KEYS_TABLE } from '../../contracts/keys-table';
import { documents, type KeysTable } from './table';

/** Who acts. */
export interface Actor {
  /** The person or role, for example `alice` or an IAM role's ARN. */
  readonly who: string;
  /** The machine, for example `alice-laptop` or `local platform`. */
  readonly from: string;
}

export interface AuditItem {
  readonly keyId: string;
  /** Sort key, `audit#<ISO time>#<action>`: items of a key sort by time. */
  readonly item: string;
  readonly action: 'issue' | 'rotate' | 'revoke';
  /** ISO time. */
  readonly at: string;
  readonly who: string;
  readonly from: string;
  /** What changed; never a secret. */
  readonly details: Readonly<Record<string, string | number | readonly string[]>>;
}

/** Start of every audit item's sort key. */
const AUDIT_PREFIX = 'audit#';

export function auditItem(entry: {
  readonly keyId: string;
  readonly action: AuditItem['action'];
  /** Epoch milliseconds. */
  readonly time: number;
  readonly actor: Actor;
  readonly details: AuditItem['details'];
}): AuditItem {
  const { keyId, action, time, actor, details } = entry;
  const at = new Date(time).toISOString();
  return { keyId, item: `${AUDIT_PREFIX}${at}#${action}`, action, at, ...actor, details };
}

/** What was done to a key, oldest first; empty for an id that never was. */
export async function readAudit(keys: KeysTable, keyId: string): Promise<AuditItem[]> {
  const items: AuditItem[] = [];
  const pages = paginateQuery(
    { client: documents(keys) },
    {
      TableName: keys.table,
      KeyConditionExpression: 'keyId = :keyId AND begins_with(#item, :prefix)',
      ExpressionAttributeNames: { '#item': KEYS_TABLE.sortKey },
      ExpressionAttributeValues: { ':keyId': keyId, ':prefix': AUDIT_PREFIX },
      ConsistentRead: true,
    },
  );
  for await (const { Items = [] } of pages) {
    items.push(...(Items as AuditItem[]));
  }
  return items;
}
