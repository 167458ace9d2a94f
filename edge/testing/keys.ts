// Keys and records for tests.
import {
  formatKey,
  hashKey,
  parseKey,
  SECRET_LENGTH,
  type DecisiveRecord,
  type ParsedKey,
} from '../../contracts/api-key';

/** The time in tests: 2026-11-21T12:00:00Z, epoch milliseconds. */
export const NOW = 1_795_262_400_000;

/** A key that parses; the same arguments give the same key. */
export function makeKey(keyId = 'AbCdEf123456', environment = 'dev', fill = 'x'): ParsedKey {
  const parsed = parseKey(formatKey(environment, keyId, fill.repeat(SECRET_LENGTH)));
  if (parsed === undefined) {
    throw new Error(`No key can be made of ${keyId}.`);
  }
  return parsed;
}

/** The record of a key that is good for an hour. */
export function makeRecord(key: ParsedKey, changes: Partial<DecisiveRecord> = {}): DecisiveRecord {
  return {
    keyId: key.keyId,
    hash: hashKey(key.key),
    owner: 'team@example.com',
    scopes: ['orders:read'],
    status: 'active',
    expiresAt: NOW / 1000 + 3600,
    ...changes,
  };
}

/** The record in DynamoDB's JSON. */
export function dynamoItem(record: DecisiveRecord): Record<string, unknown> {
  return {
    keyId: { S: record.keyId },
    hash: { S: record.hash },
    owner: { S: record.owner },
    status: { S: record.status },
    expiresAt: { N: String(record.expiresAt) },
    scopes: { L: record.scopes.map((scope) => ({ S: scope })) },
    ...(record.cidrs === undefined ? {} : { cidrs: { L: record.cidrs.map((S) => ({ S })) } }),
  };
}
