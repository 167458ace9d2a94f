// Tables and the keys that encrypt them: users, API keys with replicas, and the credentials key.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { KEYS_TABLE, USERS_TABLE } from '../../contracts/tables';
import { keyPolicy } from '../rights/key-policy';

/** What {@link Data} needs. */
export interface DataArgs {
  /** Account that owns the keys. */
  accountId: string;
  /** Refuse deletion: by Pulumi, by DynamoDB, and by keeping what is removed from the program. */
  protect: boolean;
  /** Home region. */
  region: string;
  /** Further regions that hold a replica of the keys table, each under a key of its own. */
  replicaRegions: readonly string[];
}

/** Both tables and their keys. */
export class Data extends pulumi.ComponentResource {
  readonly usersTable: aws.dynamodb.Table;
  readonly keysTable: aws.dynamodb.Table;
  /** Encrypts the tables at rest. */
  readonly tablesKey: aws.kms.Key;
  /** Encrypts credentials before they are stored; no role of the stack may decrypt with it. */
  readonly credentialsKey: aws.kms.Key;
  /** ARNs of the keys table: the home region first, then the replicas. */
  readonly keysTableArns: pulumi.Output<string>[];
  /** ARNs of the keys that encrypt these, in the same order. */
  readonly tableKeyArns: pulumi.Output<string>[];

  constructor(name: string, args: DataArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Data', name, {}, opts);
    const stateful = { parent: this, protect: args.protect, retainOnDelete: args.protect };
    this.tablesKey = customerKey(`${name}-tables`, 'tables at rest', undefined, args, stateful);
    this.credentialsKey = customerKey(
      `${name}-credentials`,
      'credentials of users',
      undefined,
      args,
      stateful,
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
    this.usersTable = usersTable(name, this.tablesKey, args, stateful);
    this.keysTable = keysTable(name, this.tablesKey, replicaKeys, args, stateful);
    this.keysTableArns = [
      this.keysTable.arn,
      ...args.replicaRegions.map((region) =>
        this.keysTable.arn.apply((arn) => arn.replace(`:${args.region}:`, `:${region}:`)),
      ),
    ];
    this.tableKeyArns = [this.tablesKey, ...replicaKeys].map((key) => key.arn);
    this.registerOutputs({ usersTable: this.usersTable.name, keysTable: this.keysTable.name });
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

function usersTable(
  name: string,
  key: aws.kms.Key,
  args: DataArgs,
  opts: pulumi.CustomResourceOptions,
): aws.dynamodb.Table {
  const { emailIndex } = USERS_TABLE;
  return new aws.dynamodb.Table(
    `${name}-users`,
    {
      billingMode: 'PAY_PER_REQUEST',
      hashKey: USERS_TABLE.partitionKey,
      attributes: [
        { name: USERS_TABLE.partitionKey, type: 'S' },
        { name: emailIndex.partitionKey, type: 'S' },
      ],
      globalSecondaryIndexes: [
        {
          name: emailIndex.name,
          hashKey: emailIndex.partitionKey,
          projectionType: 'INCLUDE',
          nonKeyAttributes: [...emailIndex.projectedAttributes],
        },
      ],
      ttl: { attributeName: USERS_TABLE.ttlAttribute, enabled: true },
      pointInTimeRecovery: { enabled: true },
      serverSideEncryption: { enabled: true, kmsKeyArn: key.arn },
      deletionProtectionEnabled: args.protect,
    },
    opts,
  );
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
