// Tables and the keys that encrypt them: those of the workload, and API keys with their replicas.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { KEYS_TABLE } from '../../contracts/keys-table';
import type { KeyAttribute, TableSpec, Workload } from '../../contracts/workload';
import { keyPolicy } from '../rights/key-policy';

/** What {@link Data} needs. */
export interface DataArgs {
  /** Tables and KMS keys that the workload declares. */
  workload: Pick<Workload, 'tables' | 'keys'>;
  /** Account that owns the keys. */
  accountId: string;
  /** Refuse deletion: by Pulumi, by DynamoDB, and by keeping what is removed from the program. */
  protect: boolean;
  /** Home region. */
  region: string;
  /** Further regions that hold a replica of the keys table, each under a key of its own. */
  replicaRegions: readonly string[];
}

/** All tables and their keys. */
export class Data extends pulumi.ComponentResource {
  /** Tables of the workload by name. */
  readonly tables: Readonly<Record<string, aws.dynamodb.Table>>;
  /** KMS keys of the workload by name; the platform itself uses none of them. */
  readonly keys: Readonly<Record<string, aws.kms.Key>>;
  readonly keysTable: aws.dynamodb.Table;
  /** Encrypts the tables at rest. */
  readonly tablesKey: aws.kms.Key;
  /** ARNs of the keys table: the home region first, then the replicas. */
  readonly keysTableArns: pulumi.Output<string>[];
  /** ARNs of the keys that encrypt these, in the same order. */
  readonly tableKeyArns: pulumi.Output<string>[];

  constructor(name: string, args: DataArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Data', name, {}, opts);
    const stateful = { parent: this, protect: args.protect, retainOnDelete: args.protect };
    this.tablesKey = customerKey(`${name}-tables`, 'tables at rest', undefined, args, stateful);
    this.keys = mapValues(args.workload.keys, ({ purpose }, key) =>
      customerKey(`${name}-${key}`, purpose, undefined, args, stateful),
    );
    const replicaKeys = args.replicaRegions.map((region) =>
      customerKey(
        `${name}-tables-${region}`,
        `tables at rest in ${region}`,
        region,
        args,
        stateful,
      ),
    );
    this.tables = mapValues(args.workload.tables, (spec, table) =>
      workloadTable(`${name}-${table}`, spec, this.tablesKey, args, stateful),
    );
    this.keysTable = keysTable(name, this.tablesKey, replicaKeys, args, stateful);
    this.keysTableArns = [
      this.keysTable.arn,
      ...args.replicaRegions.map((region) =>
        this.keysTable.arn.apply((arn) => arn.replace(`:${args.region}:`, `:${region}:`)),
      ),
    ];
    this.tableKeyArns = [this.tablesKey, ...replicaKeys].map((key) => key.arn);
    this.registerOutputs({ keysTable: this.keysTable.name });
  }
}

function customerKey(
  name: string,
  purpose: string,
  region: string | undefined,
  args: DataArgs,
  opts: pulumi.CustomResourceOptions,
): aws.kms.Key {
  return new aws.kms.Key(
    name,
    {
      ...(region === undefined ? {} : { region }),
      description: `Gatehouse: ${purpose}`,
      enableKeyRotation: true,
      rotationPeriodInDays: 365,
      deletionWindowInDays: 30,
      policy: keyPolicy(args.accountId),
    },
    opts,
  );
}

function workloadTable(
  name: string,
  spec: TableSpec,
  key: aws.kms.Key,
  args: DataArgs,
  opts: pulumi.CustomResourceOptions,
): aws.dynamodb.Table {
  const indexes = Object.entries(spec.indexes ?? {});
  const keys = [spec, ...indexes.map(([, index]) => index)].flatMap(({ partitionKey, sortKey }) => [
    ...Object.entries(partitionKey),
    ...Object.entries(sortKey ?? {}),
  ]);
  return new aws.dynamodb.Table(
    name,
    {
      billingMode: 'PAY_PER_REQUEST',
      hashKey: nameOf(spec.partitionKey),
      ...(spec.sortKey === undefined ? {} : { rangeKey: nameOf(spec.sortKey) }),
      attributes: [...new Map(keys)].map(([attribute, type]) => ({ name: attribute, type })),
      globalSecondaryIndexes: indexes.map(([indexName, index]) => ({
        name: indexName,
        hashKey: nameOf(index.partitionKey),
        ...(index.sortKey === undefined ? {} : { rangeKey: nameOf(index.sortKey) }),
        ...(index.attributes === undefined
          ? { projectionType: 'ALL' }
          : { projectionType: 'INCLUDE', nonKeyAttributes: [...index.attributes] }),
      })),
      ...(spec.ttl === undefined ? {} : { ttl: { attributeName: spec.ttl, enabled: true } }),
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
      deletionProtectionEnabled: args.protect,
    },
    opts,
  );
}

/** The one name in a key attribute; the declaration's parser has seen that there is one. */
function nameOf(attribute: KeyAttribute): string {
  return Object.keys(attribute).join();
}

function mapValues<T, U>(
  record: Readonly<Record<string, T>>,
  make: (value: T, name: string) => U,
): Record<string, U> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, make(value, key)]));
}

function keysTable(
  name: string,
  key: aws.kms.Key,
  replicaKeys: aws.kms.Key[],
  args: DataArgs,
  opts: pulumi.CustomResourceOptions,
): aws.dynamodb.Table {
  const isReplicated = args.replicaRegions.length > 0;
  return new aws.dynamodb.Table(
    `${name}-keys`,
    {
      billingMode: 'PAY_PER_REQUEST',
      hashKey: KEYS_TABLE.partitionKey,
      rangeKey: KEYS_TABLE.sortKey,
      attributes: [
        { name: KEYS_TABLE.partitionKey, type: 'S' },
        { name: KEYS_TABLE.sortKey, type: 'S' },
      ],
      ttl: { attributeName: KEYS_TABLE.ttlAttribute, enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
      deletionProtectionEnabled: args.protect,
      // A replicated table needs its stream: DynamoDB developer guide, global tables.
      ...(isReplicated ? { streamEnabled: true, streamViewType: 'NEW_AND_OLD_IMAGES' } : {}),
      replicas: args.replicaRegions.map((region, index) => ({
        regionName: region,
        kmsKeyArn: replicaKeys[index]?.arn,
        pointInTimeRecovery: true,
        deletionProtectionEnabled: args.protect,
        propagateTags: true,
      })),
    },
    opts,
  );
}
