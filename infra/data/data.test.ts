// Tests of the tables and of the keys that encrypt them.
import { stackOf } from '../testing/stacks';

describe('Data', () => {
  it.each(['-users', '-credentials', '-keys'])(
    'protects and encrypts the table gh%s in prod',
    async (nameEnd) => {
      const view = await stackOf('prod');
      const { inputs, options } = view.one('dynamodb/table:Table', nameEnd);
      expect(inputs).toMatchObject({
        billingMode: 'PAY_PER_REQUEST',
        pointInTimeRecovery: { enabled: true },
        deletionProtectionEnabled: true,
        serverSideEncryption: {
          enabled: true,
          kmsKeyArn: view.one('kms/key:Key', 'gh-tables').outputs.arn,
        },
      });
      expect(options).toMatchObject({ protect: true, retainOnDelete: true });
    },
  );

  it('lets dev be thrown away', async () => {
    const view = await stackOf('dev');
    const stateful = [...view.all('dynamodb/table:Table'), ...view.all('kms/key:Key')];
    for (const { options } of stateful) {
      expect(options).toMatchObject({ protect: false, retainOnDelete: false });
    }
    expect(view.inputs('dynamodb/table:Table', '-users').deletionProtectionEnabled).toBe(false);
  });

  it('keeps credentials in a table of their own, which the process is denied to read', async () => {
    const view = await stackOf('prod');
    const { inputs, outputs } = view.one('dynamodb/table:Table', '-credentials');
    expect(inputs).toMatchObject({
      hashKey: 'id',
      globalSecondaryIndexes: [],
      tags: { 'gatehouse:write-only': 'true' },
    });
    const { NeverReadWriteOnlyTables: denial, WritesReturnNothing: silence } =
      view.rights('-task-policy');
    expect(denial).toMatchObject({
      Effect: 'Deny',
      Resource: [outputs.arn, `${String(outputs.arn)}/index/*`],
    });
    expect(denial?.Action).toEqual(
      expect.arrayContaining(
        ['GetItem', 'BatchGetItem', 'Query', 'Scan', 'ConditionCheckItem', 'PartiQLSelect'].map(
          (action) => `dynamodb:${action}`,
        ),
      ),
    );
    expect(silence).toMatchObject({ Effect: 'Deny', Resource: [outputs.arn] });
  });

  it('expires keys, and helper items of users, by TTL', async () => {
    const view = await stackOf('prod');
    for (const nameEnd of ['-users', '-keys']) {
      expect(view.inputs('dynamodb/table:Table', nameEnd).ttl).toEqual({
        attributeName: 'purgeAt',
        enabled: true,
      });
    }
  });

  it('replicates the keys table, each replica protected and under a key of its region', async () => {
    const view = await stackOf('prod');
    const { replicas, streamEnabled } = view.inputs('dynamodb/table:Table', '-keys');
    expect(streamEnabled).toBe(true);
    expect(replicas).toEqual(
      ['us-east-1', 'ap-southeast-1'].map((region) => ({
        regionName: region,
        kmsKeyArn: view.one('kms/key:Key', `gh-tables-${region}`).outputs.arn,
        pointInTimeRecovery: true,
        deletionProtectionEnabled: true,
        propagateTags: true,
      })),
    );
    const rights = view.rights('-edge-policy');
    const readable = Object.values(rights).find(({ Action }) => Action === 'dynamodb:GetItem');
    expect(readable?.Resource).toEqual(
      ['eu-central-1', 'us-east-1', 'ap-southeast-1'].map(
        (region) =>
          `arn:aws:dynamodb:${region}:123456789012:table/${String(view.one('dynamodb/table:Table', '-keys').outputs.name)}`,
      ),
    );
  });

  it('rotates every key, and gives 30 days to think again', async () => {
    for (const { inputs } of (await stackOf('prod')).all('kms/key:Key')) {
      expect(inputs).toMatchObject({ enableKeyRotation: true, deletionWindowInDays: 30 });
    }
  });

  it('seals the key that the workload wants sealed, and no other', async () => {
    const view = await stackOf('prod');
    const sealed = view.all('kms/key:Key').filter(({ inputs }) => inputs.tags !== undefined);
    expect(sealed.map(({ name, inputs }) => [name, inputs.tags])).toEqual([
      ['gh-credentials', { 'gatehouse:sealed': 'true' }],
    ]);
    const policy = JSON.parse(view.inputs('kms/key:Key', 'gh-credentials').policy as string) as {
      Statement: { Sid: string }[];
    };
    expect(policy.Statement.find(({ Sid }) => Sid === 'SealedFromTheStack')).toMatchObject({
      Effect: 'Deny',
      Action: [
        'kms:Decrypt',
        'kms:ReEncryptFrom',
        'kms:ReEncryptTo',
        'kms:CreateGrant',
        'kms:PutKeyPolicy',
      ],
      Condition: {
        ArnLike: {
          'aws:PrincipalArn': ['task', 'fn', 'exec', 'edge', 'check', 'helper'].map(
            (kind) => `arn:aws:iam::123456789012:role/*-${kind}-role-*`,
          ),
        },
      },
    });
    // All roles of the program are of these kinds, but the one that writes flow logs.
    const roles = view.all('iam/role:Role').map(({ name }) => name);
    expect(roles.sort()).toEqual(
      ['edge', 'exec', 'flow', 'key-check', 'task'].map((kind) => `gh-${kind}-role`),
    );
  });

  it('refuses the service to tag or delete the keys of the stack', async () => {
    const view = await stackOf('prod', { environment: { CREDENTIAL_KEYS: 'per-user' } });
    for (const name of ['gh-tables', 'gh-credentials']) {
      const policy = JSON.parse(view.inputs('kms/key:Key', name).policy as string) as {
        Statement: { Sid: string }[];
      };
      expect(policy.Statement.find(({ Sid }) => Sid === 'NotByTheService')).toMatchObject({
        Effect: 'Deny',
        Action: ['kms:ScheduleKeyDeletion', 'kms:TagResource', 'kms:UntagResource'],
        Condition: {
          ArnLike: {
            'aws:PrincipalArn': [
              'arn:aws:iam::123456789012:role/*-task-role-*',
              'arn:aws:iam::123456789012:role/*-fn-role-*',
              'arn:aws:iam::123456789012:role/*-helper-role-*',
            ],
          },
        },
      });
    }
  });
});
