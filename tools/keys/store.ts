// Issues, reads, rotates and revokes keys in the keys table; every change leaves an audit item.
import { GetCommand, paginateScan } from '@aws-sdk/lib-dynamodb';
import { hashKey, type KeyRecord } from '../../contracts/api-key';
import { KEY_RECORD_ITEM, KEYS_TABLE } from '../../contracts/keys-table';
import type { Actor } from './audit';
import { generateKey } from './generate';
import { KeyError } from './key-error';
import { checkKeyRequest, type KeyRequest } from './request';
import { documents, seconds, type KeysTable } from './table';
import { putAudit, putChanged, putNew, write } from './writes';

/** A new key: the only time that anybody sees it. */
export interface IssuedKey {
  readonly key: string;
  readonly record: KeyRecord;
}

/** Records stay this long after their key's end, so that `show` can tell what became of it: 30 d. */
export const PURGE_GRACE_SECONDS = 30 * 86_400;

/** Default overlap of a rotation, in which both keys work: 24 h. */
export const DEFAULT_OVERLAP_SECONDS = 86_400;

/**
 * Makes a key and stores its hash.
 * @throws RequestError when the request is wrong, all problems at once; KeyError.
 */
export async function issueKey(
  keys: KeysTable,
  request: KeyRequest,
  actor: Actor,
): Promise<IssuedKey> {
  const issued = newKey(keys, request);
  await write(
    keys,
    'issue',
    issued.record.keyId,
    [
      putNew(keys, issued.record),
      putAudit(keys, issued.record.keyId, 'issue', actor, {
        owner: issued.record.owner,
        scopes: issued.record.scopes,
        ...boundTo(issued.record),
        expiresAt: issued.record.expiresAt,
      }),
    ],
    issued.record.keyId,
  );
  return issued;
}

/** Undefined when there is no such key, or no longer: a record is removed 30 days after its end. */
export async function findKey(keys: KeysTable, keyId: string): Promise<KeyRecord | undefined> {
  const { Item } = await documents(keys).send(
    new GetCommand({
      TableName: keys.table,
      Key: { keyId, item: KEY_RECORD_ITEM },
      ConsistentRead: true,
    }),
  );
  return Item as KeyRecord | undefined;
}

/** @throws KeyError when there is no such key. */
export async function getKey(keys: KeysTable, keyId: string): Promise<KeyRecord> {
  const record = await findKey(keys, keyId);
  if (record === undefined) {
    throw new KeyError(
      `There is no key ${keyId} in the table ${keys.table}. "keys list" shows the ones there are; ` +
        '"keys show" the audit trail of one that ended more than 30 days ago.',
    );
  }
  return record;
}

/** All keys, newest first. */
export async function listKeys(keys: KeysTable): Promise<KeyRecord[]> {
  const records: KeyRecord[] = [];
  const pages = paginateScan(
    { client: documents(keys) },
    {
      TableName: keys.table,
      FilterExpression: '#item = :item',
      ExpressionAttributeNames: { '#item': KEYS_TABLE.sortKey },
      ExpressionAttributeValues: { ':item': KEY_RECORD_ITEM },
    },
  );
  for await (const { Items = [] } of pages) {
    records.push(...(Items as KeyRecord[]));
  }
  return records.sort((a, b) => b.createdAt - a.createdAt || a.keyId.localeCompare(b.keyId));
}

/**
 * Makes a key that replaces another one: same owner, name, scopes, addresses and lifetime. The old key works
 * until the overlap ends, or until its own expiry if that is sooner.
 * @throws KeyError when the key is revoked, expired, rotated already or just being changed.
 */
export async function rotateKey(
  keys: KeysTable,
  request: {
    readonly keyId: string;
    readonly environment: string;
    /** @default DEFAULT_OVERLAP_SECONDS */
    readonly overlapSeconds?: number;
    /** Lifetime of the new key. @default as long as the old one was made for */
    readonly expiresInSeconds?: number;
  },
  actor: Actor,
): Promise<IssuedKey & { readonly old: KeyRecord }> {
  const old = await getKey(keys, request.keyId);
  const now = seconds(keys);
  refuseEnded(old, now);
  if (old.rotatedTo !== undefined) {
    throw new KeyError(
      `The key ${old.keyId} was rotated already: ${old.rotatedTo} replaces it. Rotate that one.`,
    );
  }
  const issued = newKey(keys, {
    environment: request.environment,
    owner: old.owner,
    name: old.name,
    scopes: old.scopes,
    ...boundTo(old),
    expiresInSeconds: request.expiresInSeconds ?? old.expiresAt - old.createdAt,
  });
  const record: KeyRecord = { ...issued.record, rotatedFrom: old.keyId };
  const expiresAt = Math.min(
    old.expiresAt,
    now + (request.overlapSeconds ?? DEFAULT_OVERLAP_SECONDS),
  );
  const changed: KeyRecord = {
    ...old,
    rotatedTo: record.keyId,
    expiresAt,
    purgeAt: expiresAt + PURGE_GRACE_SECONDS,
    version: old.version + 1,
  };
  await write(
    keys,
    'rotate',
    old.keyId,
    [
      putChanged(keys, changed, old.version),
      putNew(keys, record),
      putAudit(keys, old.keyId, 'rotate', actor, { rotatedTo: record.keyId, expiresAt }),
      putAudit(keys, record.keyId, 'issue', actor, {
        rotatedFrom: old.keyId,
        expiresAt: record.expiresAt,
      }),
    ],
    record.keyId,
  );
  return { key: issued.key, record, old: changed };
}

/**
 * Ends a key at once; the edge follows within its cache time.
 * @throws KeyError when the key is revoked already or just being changed.
 */
export async function revokeKey(keys: KeysTable, keyId: string, actor: Actor): Promise<KeyRecord> {
  const old = await getKey(keys, keyId);
  const now = seconds(keys);
  if (old.status === 'revoked') {
    throw new KeyError(`The key ${keyId} was revoked already; there is nothing to do.`);
  }
  const changed: KeyRecord = {
    ...old,
    status: 'revoked',
    revokedAt: now,
    purgeAt: now + PURGE_GRACE_SECONDS,
    version: old.version + 1,
  };
  await write(keys, 'revoke', keyId, [
    putChanged(keys, changed, old.version),
    putAudit(keys, keyId, 'revoke', actor, {}),
  ]);
  return changed;
}

function refuseEnded(record: KeyRecord, now: number): void {
  if (record.status === 'revoked') {
    throw new KeyError(`The key ${record.keyId} is revoked. Issue a new one instead.`);
  }
  if (record.expiresAt <= now) {
    throw new KeyError(`The key ${record.keyId} has expired. Issue a new one instead.`);
  }
}

function newKey(keys: KeysTable, request: KeyRequest): IssuedKey {
  const { environment, owner, name, scopes, cidrs, expiresInSeconds } = checkKeyRequest(request);
  const { key, keyId } = generateKey(environment);
  const now = seconds(keys);
  const expiresAt = now + expiresInSeconds;
  return {
    key,
    record: {
      keyId,
      item: KEY_RECORD_ITEM,
      hash: hashKey(key),
      owner,
      name,
      scopes,
      ...boundTo({ cidrs }),
      status: 'active',
      createdAt: now,
      expiresAt,
      purgeAt: expiresAt + PURGE_GRACE_SECONDS,
      version: 1,
    },
  };
}

/** The blocks of addresses, if any: an attribute that is there and undefined would not be the same. */
function boundTo({ cidrs }: Pick<KeyRecord, 'cidrs'>): Pick<KeyRecord, 'cidrs'> {
  return cidrs === undefined ? {} : { cidrs };
}
