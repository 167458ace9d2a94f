// The function that keeps keys: what it takes, what it refuses, and what neither side may do of the other's.
import { KMSClient } from '@aws-sdk/client-kms';
import { randomUUID } from 'node:crypto';
import { Script } from 'node:vm';
import { bundleFunction } from '../../bundle';
import { startAwsEndpoint, type AwsEndpoint } from '../../../tools/local/aws/endpoint';
import { evaluate } from '../../../tools/iam/evaluate';
import type { WorkloadResources } from '../../../contracts/workload';
import { KEY_POLICY, STACK } from '../../testing/harness';
import { keyKeeper } from './key-keeper';
import { keyKeeperRights, userRights } from './rights';

const ENV = { STACK, KEY_POLICY };

describe('keyKeeper', () => {
  let aws: AwsEndpoint;
  let kms: KMSClient;
  beforeAll(async () => {
    aws = await startAwsEndpoint();
    kms = new KMSClient({
      endpoint: aws.url,
      region: 'us-east-1',
      credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    });
  });
  afterAll(async () => {
    kms.destroy();
    await aws.close();
  });

  it('makes a key whose tags and policy are not for the caller to choose, and ends it', async () => {
    const keep = keyKeeper(kms, ENV);
    const userId = randomUUID();
    const wanted = { action: 'make', userId, policy: 'mine', tags: { a: 'b' } } as const;
    const { keyArn = '' } = await keep(wanted);
    const [key] = aws.kms.list();
    expect([key?.arn, key?.policy]).toEqual([keyArn, KEY_POLICY]);
    expect([...(key?.tags ?? [])]).toEqual([
      ['gatehouse:stack', STACK],
      ['gatehouse:user', userId],
    ]);
    expect(await keep({ action: 'end', keyArn })).toEqual({});
    expect(aws.kms.list()[0]?.state).toBe('PendingDeletion');
    // Again, and one that was never there.
    expect(await keep({ action: 'end', keyArn })).toEqual({});
    expect(await keep({ action: 'end', keyArn: keyArn.replace(/\/.*/, '/none') })).toEqual({});
  });

  it.each<[string, object]>([
    ['nothing', {}],
    ['another action', { action: 'decrypt', keyArn: 'arn:aws:kms:us-east-1:123456789012:key/a' }],
    ['a user that is none', { action: 'make', userId: '*' }],
    ['no user', { action: 'make' }],
    ['a key by its alias', { action: 'end', keyArn: 'alias/tables' }],
    ['no key', { action: 'end' }],
  ])('refuses %s', async (_what, request) => {
    const before = aws.kms.list().length;
    const asked = keyKeeper(kms, ENV)(request);
    await expect(asked).rejects.toThrow('Expected { action: "make", userId }');
    expect(aws.kms.list()).toHaveLength(before);
  });

  it('makes no key without a tag or a policy for it, nor one that KMS does not name', async () => {
    const request = { action: 'make', userId: randomUUID() } as const;
    for (const env of [{ STACK }, { KEY_POLICY }]) {
      await expect(keyKeeper(kms, env)(request)).rejects.toThrow('is missing');
    }
    const silent = { send: () => Promise.resolve({}) } as unknown as KMSClient;
    await expect(keyKeeper(silent, ENV)(request)).rejects.toThrow('without a key');
  });

  it('passes on what KMS refuses', async () => {
    aws.kms.createKey({ arn: 'arn:aws:kms:us-east-1:123456789012:key/other' });
    const refusing = {
      send: () => Promise.reject(Object.assign(new Error('no'), { name: 'AccessDenied' })),
    } as unknown as KMSClient;
    const keyArn = 'arn:aws:kms:us-east-1:123456789012:key/other';
    await expect(keyKeeper(refusing, ENV)({ action: 'end', keyArn })).rejects.toThrow('no');
  });

  it('is one module, which is the same as long as its sources are', () => {
    const code = bundleFunction('service', 'src/key-keeper.ts');
    expect(code).toBe(bundleFunction('service', 'src/key-keeper.ts'));
    const loaded: { exports: { handler?: unknown } } = { exports: {} };
    const load = new Script(
      `(function (module, exports, require) {${code}\n})`,
    ).runInThisContext() as (...given: unknown[]) => void;
    load(loaded, loaded.exports, require);
    expect(typeof loaded.exports.handler).toBe('function');
  });

  it('is what the entry exports', () => {
    const { handler } = jest.requireActual<{ handler: unknown }>('../key-keeper');
    expect(handler).toBeInstanceOf(Function);
  });
});

describe('rights on keys, mode per-user', () => {
  const resources: WorkloadResources = {
    stack: STACK,
    region: 'us-east-1',
    accountId: '123456789012',
    tables: { users: 'arn:users', credentials: 'arn:credentials' },
    keys: { credentials: 'arn:key' },
    environment: { CREDENTIAL_KEYS: 'per-user' },
  };
  const key = 'arn:aws:kms:us-east-1:123456789012:key/of-a-user';
  const owned = {
    'aws:ResourceTag/gatehouse:stack': STACK,
    'aws:ResourceTag/gatehouse:user': 'somebody',
  };
  const context = {
    'kms:EncryptionContextKeys': ['purpose', 'user'],
    'kms:EncryptionContext:purpose': 'credentials',
    'kms:EncryptionContext:user': 'somebody',
  };
  const tagging = {
    'aws:RequestTag/gatehouse:stack': STACK,
    'aws:RequestTag/gatehouse:user': 'somebody',
    'aws:TagKeys': ['gatehouse:stack', 'gatehouse:user'],
  };
  const allowed = (statements: typeof userRights, action: string, more: object = owned): boolean =>
    evaluate([{ Statement: statements(resources) }], {
      action: `kms:${action}`,
      resource: action === 'CreateKey' ? '*' : key,
      context: more as Record<string, string>,
    }).allowed;

  it('let the service encrypt, and decide on no key whatever else it is given', () => {
    expect(allowed(userRights, 'Encrypt', { ...owned, ...context })).toBe(true);
    const everything = (of: WorkloadResources) => [
      ...userRights(of),
      { Sid: 'All', Effect: 'Allow' as const, Action: 'kms:*', Resource: '*' },
    ];
    for (const action of [
      ...['Decrypt', 'ReEncryptFrom', 'ReEncryptTo', 'CreateGrant', 'PutKeyPolicy'],
      ...['CreateKey', 'TagResource', 'UntagResource', 'ScheduleKeyDeletion'],
    ]) {
      expect([action, allowed(everything, action, { ...owned, ...tagging })]).toEqual([
        action,
        false,
      ]);
    }
    // What DynamoDB decrypts at rest for the role stays possible.
    const viaService = { 'kms:ViaService': 'dynamodb.us-east-1.amazonaws.com' };
    expect(allowed(everything, 'Decrypt', viaService)).toBe(true);
  });

  it('let the function make, tag and end keys of users of this stack, and use none', () => {
    for (const action of ['CreateKey', 'TagResource']) {
      expect([action, allowed(keyKeeperRights, action, tagging)]).toEqual([action, true]);
      const other = { ...tagging, 'aws:RequestTag/gatehouse:stack': 'other' };
      expect([action, allowed(keyKeeperRights, action, other)]).toEqual([action, false]);
    }
    expect(allowed(keyKeeperRights, 'ScheduleKeyDeletion')).toBe(true);
    expect(allowed(keyKeeperRights, 'ScheduleKeyDeletion', {})).toBe(false);
    const foreign = { ...owned, 'aws:ResourceTag/gatehouse:stack': 'other' };
    expect(allowed(keyKeeperRights, 'ScheduleKeyDeletion', foreign)).toBe(false);
    for (const action of ['Encrypt', 'Decrypt', 'CreateGrant', 'PutKeyPolicy']) {
      expect([action, allowed(keyKeeperRights, action, { ...owned, ...context })]).toEqual([
        action,
        false,
      ]);
    }
  });
});
