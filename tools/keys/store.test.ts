// The store on a real (embedded) DynamoDB: conditional writes, audit, rotation, purge times.
import { DynamoDBDocumentClient, PutCommand, ScanCommand } from '@aws-sdk/lib-dynamodb';
import { hashKey, parseKey } from '../../contracts/api-key';
import { AwsFault } from '../local/aws/faults';
import { readAudit } from './audit';
import { KeyError } from './key-error';
import { getKey, issueKey, listKeys, PURGE_GRACE_SECONDS, revokeKey, rotateKey } from './store';
import { startKeysTable, type TestTable } from './testing/keys-table';

const ALICE = { who: 'alice', from: 'laptop' };
const BOB = { who: 'bob', from: 'bastion' };
const REQUEST = {
  environment: 'dev',
  owner: 'team@example.com',
  name: 'nightly import',
  scopes: ['users:read', 'users:write'],
  knownScopes: ['users:read', 'users:write'],
  expiresInSeconds: 1000,
};

let test: TestTable;
let now: number;

beforeAll(async () => {
  test = await startKeysTable();
});
beforeEach(() => {
  test.clock.ms = Date.parse('2026-11-21T12:00:00.000Z');
  now = test.clock.ms / 1000;
});
afterAll(() => test.close());

describe('issueKey', () => {
  it('stores the hash and never the key', async () => {
    const { key, record } = await issueKey(test.keys, REQUEST, ALICE);
    const stored = await getKey(test.keys, record.keyId);
    expect(stored).toEqual({
      keyId: parseKey(key)?.keyId,
      item: 'key',
      hash: hashKey(key),
      owner: 'team@example.com',
      name: 'nightly import',
      scopes: ['users:read', 'users:write'],
      status: 'active',
      createdAt: now,
      expiresAt: now + 1000,
      purgeAt: now + 1000 + PURGE_GRACE_SECONDS,
      version: 1,
    });
    const documents = DynamoDBDocumentClient.from(test.keys.client);
    const { Items } = await documents.send(new ScanCommand({ TableName: test.keys.table }));
    expect(JSON.stringify(Items)).not.toContain(key.slice(-49));
  });

  it('leaves an audit item without purge time', async () => {
    const { record } = await issueKey(test.keys, REQUEST, ALICE);
    expect(await readAudit(test.keys, record.keyId)).toEqual([
      {
        keyId: record.keyId,
        item: 'audit#2026-11-21T12:00:00.000Z#issue',
        action: 'issue',
        at: '2026-11-21T12:00:00.000Z',
        who: 'alice',
        from: 'laptop',
        details: { owner: REQUEST.owner, scopes: REQUEST.scopes, expiresAt: now + 1000 },
      },
    ]);
  });

  it('uses the clock of the machine unless given another', async () => {
    const { client, table } = test.keys;
    const { record } = await issueKey({ client, table }, REQUEST, ALICE);
    expect(Math.abs(record.createdAt - Date.now() / 1000)).toBeLessThan(60);
  });

  it('writes nothing for a wrong request', async () => {
    const before = (await listKeys(test.keys)).length;
    await expect(issueKey(test.keys, { ...REQUEST, scopes: ['root'] }, ALICE)).rejects.toThrow(
      'the scope "root" is none of users:read, users:write',
    );
    expect(await listKeys(test.keys)).toHaveLength(before);
  });
});

describe('getKey', () => {
  it('says what to do when there is no such key', async () => {
    await expect(getKey(test.keys, '000000000000')).rejects.toThrow(/no key 000000000000.*list/);
  });
});

describe('listKeys', () => {
  it('lists records only, newest first', async () => {
    test.clock.ms = Date.parse('2099-01-01T00:00:00.000Z');
    const { record } = await issueKey(test.keys, REQUEST, ALICE);
    const records = await listKeys(test.keys);
    expect(records[0]?.keyId).toBe(record.keyId);
    expect(records.every(({ item }) => item === 'key')).toBe(true);
    const order = records.map(({ createdAt, keyId }) => `${1e12 - createdAt}${keyId}`);
    expect(order).toEqual([...order].sort((a, b) => a.localeCompare(b)));
  });
});

describe('revokeKey', () => {
  it('ends the key, says who did it, and lets it be purged later', async () => {
    const { record } = await issueKey(test.keys, REQUEST, ALICE);
    test.clock.ms += 5000;
    const revoked = await revokeKey(test.keys, record.keyId, BOB);
    expect(revoked).toEqual({
      ...record,
      status: 'revoked',
      revokedAt: now + 5,
      purgeAt: now + 5 + PURGE_GRACE_SECONDS,
      version: 2,
    });
    expect(await getKey(test.keys, record.keyId)).toEqual(revoked);
    const audit = await readAudit(test.keys, record.keyId);
    expect(audit.map(({ action, who }) => `${action} ${who}`)).toEqual([
      'issue alice',
      'revoke bob',
    ]);
  });

  it('refuses a second time', async () => {
    const { record } = await issueKey(test.keys, REQUEST, ALICE);
    await revokeKey(test.keys, record.keyId, BOB);
    await expect(revokeKey(test.keys, record.keyId, BOB)).rejects.toThrow('revoked already');
  });

  it('lets one of two operators win, and writes one audit item', async () => {
    const { record } = await issueKey(test.keys, REQUEST, ALICE);
    const attempts = await Promise.allSettled([
      revokeKey(test.keys, record.keyId, ALICE),
      revokeKey({ ...test.keys, now: () => test.clock.ms + 1 }, record.keyId, BOB),
      rotateKey(test.keys, { keyId: record.keyId, environment: 'dev' }, BOB),
    ]);
    expect(attempts.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') {
        expect(attempt.reason).toBeInstanceOf(KeyError);
      }
    }
    expect(await readAudit(test.keys, record.keyId)).toHaveLength(2);
    expect((await getKey(test.keys, record.keyId)).version).toBe(2);
  });
});

describe('rotateKey', () => {
  it('makes a like key and shortens the old one to the overlap', async () => {
    const { record, key } = await issueKey(test.keys, REQUEST, ALICE);
    test.clock.ms += 100_000;
    const rotated = await rotateKey(
      test.keys,
      { keyId: record.keyId, environment: 'dev', overlapSeconds: 60 },
      BOB,
    );
    expect(rotated.key).not.toBe(key);
    expect(rotated.record).toMatchObject({
      owner: record.owner,
      name: record.name,
      scopes: record.scopes,
      rotatedFrom: record.keyId,
      createdAt: now + 100,
      expiresAt: now + 1100,
    });
    expect(await getKey(test.keys, record.keyId)).toEqual({
      ...record,
      rotatedTo: rotated.record.keyId,
      expiresAt: now + 160,
      purgeAt: now + 160 + PURGE_GRACE_SECONDS,
      version: 2,
    });
    const actions = async (id: string) =>
      (await readAudit(test.keys, id)).map(({ action, details }) => ({ action, ...details }));
    expect(await actions(record.keyId)).toMatchObject([
      { action: 'issue' },
      { action: 'rotate', rotatedTo: rotated.record.keyId, expiresAt: now + 160 },
    ]);
    expect(await actions(rotated.record.keyId)).toMatchObject([
      { action: 'issue', rotatedFrom: record.keyId },
    ]);
  });

  it('never makes the old key live longer, and overlaps by a day unless told', async () => {
    const { record: short } = await issueKey(test.keys, REQUEST, ALICE);
    const kept = await rotateKey(
      test.keys,
      { keyId: short.keyId, environment: 'dev', overlapSeconds: 5000, expiresInSeconds: 9000 },
      BOB,
    );
    expect(kept.old.expiresAt).toBe(short.expiresAt);
    expect(kept.record.expiresAt).toBe(now + 9000);
    const { record: long } = await issueKey(
      test.keys,
      { ...REQUEST, expiresInSeconds: 500_000 },
      ALICE,
    );
    const cut = await rotateKey(test.keys, { keyId: long.keyId, environment: 'dev' }, BOB);
    expect(cut.old.expiresAt).toBe(now + 86_400);
  });

  it('refuses a key that is rotated, revoked or expired already', async () => {
    const rotate = (keyId: string) => rotateKey(test.keys, { keyId, environment: 'dev' }, BOB);
    const { record: rotated } = await issueKey(test.keys, REQUEST, ALICE);
    const { record: successor } = await rotate(rotated.keyId);
    await expect(rotate(rotated.keyId)).rejects.toThrow(`${successor.keyId} replaces it`);
    const { record: revoked } = await issueKey(test.keys, REQUEST, ALICE);
    await revokeKey(test.keys, revoked.keyId, BOB);
    await expect(rotate(revoked.keyId)).rejects.toThrow('is revoked');
    const { record: expired } = await issueKey(test.keys, REQUEST, ALICE);
    test.clock.ms += 1_000_000;
    await expect(rotate(expired.keyId)).rejects.toThrow('has expired');
  });
});

describe('a store that fails', () => {
  it('passes on what is no conflict', async () => {
    const missing = { ...test.keys, table: 'no-such-table' };
    await expect(issueKey(missing, REQUEST, ALICE)).rejects.toMatchObject({
      name: 'ResourceNotFoundException',
    });
  });

  it('tells a change of which AWS did not say whether it was made from one that was not', async () => {
    const { record } = await issueKey(test.keys, REQUEST, ALICE);
    test.aws.inject = (operation) =>
      operation === 'DynamoDB.TransactWriteItems'
        ? new AwsFault('InternalServerError', 'down', 500)
        : undefined;
    const said = await revokeKey(test.keys, record.keyId, BOB).catch((error: Error) => error);
    test.aws.inject = undefined;
    expect(said).toMatchObject({
      name: 'UncertainError',
      message:
        `AWS did not say whether it could revoke the key ${record.keyId} (InternalServerError: ` +
        `down). Look with "keys show ${record.keyId}".`,
    });
  });

  it('never overwrites an audit item', async () => {
    const { record } = await issueKey(test.keys, REQUEST, ALICE);
    const item = {
      keyId: record.keyId,
      item: `audit#${new Date(test.clock.ms).toISOString()}#revoke`,
      who: 'earlier',
    };
    const documents = DynamoDBDocumentClient.from(test.keys.client);
    await documents.send(new PutCommand({ TableName: test.keys.table, Item: item }));
    await expect(revokeKey(test.keys, record.keyId, BOB)).rejects.toThrow(KeyError);
    expect((await getKey(test.keys, record.keyId)).status).toBe('active');
    expect(await readAudit(test.keys, record.keyId)).toContainEqual(item);
  });
});
