// Key schema and attribute names of the DynamoDB table of API keys.

/** API keys: one record a key, and its append-only audit items beside it. */
export const KEYS_TABLE = {
  /** Partition key: the key's id. */
  partitionKey: 'keyId',
  /** Sort key: {@link KEY_RECORD_ITEM} for the record, `audit#<time>#<action>` for an audit item. */
  sortKey: 'item',
  /** TTL attribute, epoch seconds: expiry plus a grace; audit items have none. */
  ttlAttribute: 'purgeAt',
  /** All that the edge asks for of a record; with the keys, all that its role need be allowed. */
  edgeAttributes: ['keyId', 'hash', 'owner', 'scopes', 'cidrs', 'status', 'expiresAt'],
} as const;

/** Sort key value of the record that the edge reads. */
export const KEY_RECORD_ITEM = 'key';
