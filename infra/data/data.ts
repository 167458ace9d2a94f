// Tables and the keys that encrypt them: those of the workload, and API keys with their replicas.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { importOption, type Adoption } from '../../contracts/adoption';
import { EXPIRY_ATTRIBUTES } from '../../contracts/key-expiry';
import { KEYS_TABLE } from '../../contracts/keys-table';
import { ADOPTED_TAG, READABLE_TAG, SEALED_TAG, WRITE_ONLY_TAG } from '../../contracts/tags';
import type { KeyAttribute, KeySpec, TableSpec, Workload } from '../../contracts/workload';
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
  /** Tables and keys that exist, with their data. @default none */
  adopt?: Adoption;
}

/** All tables and their keys. */
export class Data extends pulumi.ComponentResource {
  /** Physical names of the workload's tables, by their names in its declaration. */
  readonly tableNames: Readonly<Record<string, pulumi.Output<string>>>;
  /** ARNs of the same. */
  readonly tableArns: Readonly<Record<string, pulumi.Output<string>>>;
  /** ARNs of the workload's KMS keys by name; the platform itself uses none of them. */
  readonly keyArns: Readonly<Record<string, pulumi.Output<string>>>;
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
    this.tablesKey = customerKey(name, 'tables', { purpose: 'tables at rest' }, args, stateful);
    this.keyArns = mapValues(
      args.workload.keys,
      (spec, key) => customerKey(name, key, spec, args, stateful).arn,
    );
    const replicaKeys = args.replicaRegions.map((region) =>
      customerKey(
        name,
        `tables-${region}`,
        { purpose: `tables at rest in ${region}`, region },
        args,
        stateful,
      ),
    );
    const tables = mapValues(args.workload.tables, (spec, table) =>
      workloadTable(name, table, spec, this.tablesKey, args, stateful),
    );
    this.tableNames = mapValues(tables, (table) => table.name);
    this.tableArns = mapValues(tables, (table) => table.arn);
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
  key: string,
  { purpose, sealed = false, region }: KeySpec & { readonly region?: string },
  args: DataArgs,
  opts: pulumi.CustomResourceOptions,
): aws.kms.Key {
  return new aws.kms.Key(
    `${name}-${key}`,
    {
      ...(region === undefined ? {} : { region }),
      description: `Gatehouse: ${purpose}`,
      enableKeyRotation: true,
      rotationPeriodInDays: 365,
      deletionWindowInDays: 30,
      policy: keyPolicy(args.accountId, sealed),
      ...(sealed ? { tags: { [SEALED_TAG]: 'true' } } : {}),
    },
    { ...opts, ...importOption(args.adopt?.keys[key], region) },
  );
}

function workloadTable(
  name: string,
  table: string,
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
  const existing = args.adopt?.tables[table];
  return new aws.dynamodb.Table(
    `${name}-${table}`,
    {
      ...identityOf(existing, spec),
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
    { ...opts, ...importOption(existing) },
  );
}

/**
 * Name and tags of a table. One that is adopted keeps its name, any other gets a new one of the engine.
 * The policy pack is told so, and what may be read; a tag's value has 256 characters.
 */
function identityOf(
  existing: string | undefined,
  { readable = [], writeOnly = false }: Pick<TableSpec, 'readable' | 'writeOnly'>,
): Pick<aws.dynamodb.TableArgs, 'name' | 'tags'> {
  const value = [...new Set(readable)].join(' ');
  const hasReadable = !writeOnly && value !== '' && value.length <= 256;
  const tags = {
    ...(writeOnly ? { [WRITE_ONLY_TAG]: 'true' } : {}),
    ...(hasReadable ? { [READABLE_TAG]: value } : {}),
    ...(existing === undefined ? {} : { [ADOPTED_TAG]: 'true' }),
  };
  return {
    ...(existing === undefined ? {} : { name: existing }),
    ...(Object.keys(tags).length === 0 ? {} : { tags }),
  };
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
  const existing = args.adopt?.tables.keys;
  return new aws.dynamodb.Table(
    `${name}-keys`,
    {
      ...identityOf(existing, {
        readable: [
          ...new Set([KEYS_TABLE.sortKey, ...KEYS_TABLE.edgeAttributes, ...EXPIRY_ATTRIBUTES]),
        ],
      }),
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
    { ...opts, ...importOption(existing) },
  );
}
