// What keeps data in the account of a test: DynamoDB, KMS, S3 and ECR.
import type { Account } from './aws-account';
import { found, remove, type Operation } from './aws-operation';
import { Fault, type Call } from './aws-protocols';

const table = ({ tables }: Account, { region, input }: Call) =>
  found(
    tables.find((one) => one.region === region && one.name === input.TableName),
    'ResourceNotFoundException',
    input.TableName,
  );

const key = ({ keys }: Account, { region, input }: Call) =>
  found(
    keys.find((one) => one.region === region && String(input.KeyId).endsWith(one.id)),
    'NotFoundException',
    input.KeyId,
  );

const bucket = ({ buckets }: Account, { input }: Call) =>
  found(
    buckets.find(({ name }) => name === input.Bucket),
    'NoSuchBucket',
    input.Bucket,
  );

const repository = ({ repositories }: Account, { input }: Call) =>
  found(
    repositories.find(({ name }) => name === input.repositoryName),
    'RepositoryNotFoundException',
    input.repositoryName,
  );

export const STORE_OPERATIONS: Readonly<Record<string, Operation>> = {
  'dynamodb.DescribeTable': (account, call) => {
    const one = table(account, call);
    return {
      Table: {
        TableName: one.name,
        TableStatus: one.status ?? 'ACTIVE',
        ItemCount: 42,
        DeletionProtectionEnabled: one.protected,
      },
    };
  },
  'dynamodb.UpdateTable': (account, call) => {
    table(account, call).protected = call.input.DeletionProtectionEnabled === true;
    return {};
  },
  'dynamodb.DeleteTable': (account, call) => {
    const one = table(account, call);
    if (one.protected) {
      throw new Fault('ValidationException', 'Resource cannot be deleted as it is protected.');
    }
    remove(account.tables, one);
    return {};
  },

  'kms.DescribeKey': (account, call) => {
    const one = key(account, call);
    return { KeyMetadata: { KeyId: one.id, KeyState: one.state } };
  },
  'kms.ScheduleKeyDeletion': (account, call) => {
    key(account, call).state = 'PendingDeletion';
    return {};
  },

  's3.ListObjectVersions': (account, call) => {
    const { objects } = bucket(account, call);
    return { IsTruncated: objects.length > 2, Version: objects.slice(0, 2) };
  },
  's3.ListObjectsV2': (account, call) => {
    const all = bucket(account, call).objects.filter(({ Key }) =>
      Key.startsWith(String(call.input.prefix)),
    );
    // One a page: whoever reads only the first misses the rest.
    const start = Number(call.input['continuation-token'] ?? 0);
    return {
      Contents: all
        .slice(start, start + 1)
        .map(({ Key, modified }) => ({ Key, LastModified: modified })),
      ...(start + 1 < all.length ? { NextContinuationToken: String(start + 1) } : {}),
    };
  },
  's3.GetObject': (account, call) => {
    const { body } = found(
      bucket(account, call).objects.find(({ Key }) => Key === call.input.Key),
      'NoSuchKey',
      call.input.Key,
    );
    return { object: body };
  },
  's3.DeleteObjects': (account, call) => {
    const one = bucket(account, call);
    const versions = [...String(call.input.body).matchAll(/<VersionId>([^<]*)</g)].map((m) => m[1]);
    one.objects = one.objects.filter(({ VersionId }) => !versions.includes(VersionId));
    return {};
  },

  'ecr.ListImages': (account, call) => ({
    imageIds: repository(account, call).images.map((imageDigest) => ({ imageDigest })),
  }),
  'ecr.BatchDeleteImage': (account, call) => {
    const gone = (call.input.imageIds as { imageDigest: string }[]).map((id) => id.imageDigest);
    const one = repository(account, call);
    one.images = one.images.filter((digest) => !gone.includes(digest));
    return { failures: [] };
  },
};
