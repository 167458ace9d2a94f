// The keys that log groups and alarm topics are encrypted by, one in each region that has any.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { importOption } from '../../contracts/adoption';
import { stackKeyStatements } from '../rights/key-policy';

/** What {@link TelemetryKeys} needs. */
export interface TelemetryKeysArgs {
  /** Id of the AWS account. */
  accountId: pulumi.Input<string>;
  /** Home region of the stack: where the primary key is. */
  homeRegion: string;
  /** Every region with something to encrypt; the home region and duplicates may be among them. */
  regions: string[];
  /** Refuses deletion, and keeps the keys when the stack goes: logs are of no use without them. */
  protect: boolean;
  /** Ids of keys that exist: `telemetry`, and `telemetry-REGION` for replicas. @default none */
  adopt?: Readonly<Record<string, string>>;
}

/** One multi-region key for log groups and alarm topics, with a replica in each further region. */
export class TelemetryKeys extends pulumi.ComponentResource {
  /** ARNs of the key and its replicas, by region. */
  readonly arns: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: TelemetryKeysArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:TelemetryKeys', name, {}, opts);
    const policy = (region: string): pulumi.Output<string> =>
      pulumi.output(args.accountId).apply((id) => JSON.stringify(telemetryKeyPolicy(id, region)));
    const { adopt = {} } = args;
    const stateful = { parent: this, protect: args.protect, retainOnDelete: args.protect };
    const primary = new aws.kms.Key(
      `${name}-telemetry`,
      {
        description: 'Log groups and alarm topics.',
        multiRegion: true,
        enableKeyRotation: true,
        deletionWindowInDays: 30,
        policy: policy(args.homeRegion),
      },
      { ...stateful, ...importOption(adopt.telemetry) },
    );
    const replicas = [...new Set(args.regions)].filter((region) => region !== args.homeRegion);
    this.arns = { [args.homeRegion]: primary.arn };
    for (const region of replicas) {
      this.arns[region] = new aws.kms.ReplicaKey(
        `${name}-telemetry-${region}`,
        {
          region,
          description: 'Log groups and alarm topics.',
          primaryKeyArn: primary.arn,
          deletionWindowInDays: 30,
          policy: policy(region),
        },
        { ...stateful, ...importOption(adopt[`telemetry-${region}`], region) },
      ).arn;
    }
    this.registerOutputs({ arns: this.arns });
  }
}

/** Who may use a telemetry key: CloudWatch Logs for groups of this account, CloudWatch for topics. */
function telemetryKeyPolicy(accountId: string, region: string): unknown {
  return {
    Version: '2012-10-17',
    Statement: [
      ...stackKeyStatements(accountId),
      {
        Sid: 'LogGroups',
        Effect: 'Allow',
        Principal: { Service: `logs.${region}.amazonaws.com` },
        Action: [
          'kms:Encrypt',
          'kms:Decrypt',
          'kms:ReEncrypt*',
          'kms:GenerateDataKey*',
          'kms:DescribeKey',
        ],
        Resource: '*',
        Condition: {
          ArnLike: {
            'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:${region}:${accountId}:*`,
          },
        },
      },
      {
        Sid: 'AlarmsToTopics',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
        Resource: '*',
        Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
      },
    ],
  };
}
