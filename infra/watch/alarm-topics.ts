// The topics that alarms speak to, one in each region that has alarms, and who listens.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** What {@link AlarmTopics} needs. */
export interface AlarmTopicsArgs {
  /** Id of the AWS account. */
  accountId: pulumi.Input<string>;
  /** Regions with alarms: an alarm speaks to topics of its own region only. */
  regions: string[];
  /** KMS key a region; CloudWatch may not use `alias/aws/sns`. */
  keyArns: Record<string, pulumi.Input<string>>;
  /** E-mail address that is told; AWS asks it to confirm. @default nobody listens */
  email?: string;
}

/** One encrypted topic a region, to which nothing but this account's alarms may publish. */
export class AlarmTopics extends pulumi.ComponentResource {
  /** ARNs of the topics, by region; they resolve when alarms may publish. */
  readonly arns: Record<string, pulumi.Output<string>>;

  /** @throws {Error} when a region has no key. */
  constructor(name: string, args: AlarmTopicsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:AlarmTopics', name, {}, opts);
    const regions = [...new Set(args.regions)];
    this.arns = Object.fromEntries(
      regions.map((region) => [region, topic(name, region, args, this)]),
    );
    this.registerOutputs({ arns: this.arns });
  }
}

function topic(
  name: string,
  region: string,
  args: AlarmTopicsArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const key = args.keyArns[region];
  if (key === undefined) throw new Error(`The alarm topic in ${region} needs a KMS key there.`);
  const resource = new aws.sns.Topic(
    `${name}-alarms-${region}`,
    { region, kmsMasterKeyId: key },
    { parent },
  );
  const policy = new aws.sns.TopicPolicy(
    `${name}-alarms-policy-${region}`,
    {
      region,
      arn: resource.arn,
      policy: pulumi
        .all([resource.arn, args.accountId])
        .apply(([arn, account]) => JSON.stringify(topicPolicy(arn, account))),
    },
    { parent },
  );
  if (args.email !== undefined) {
    new aws.sns.TopicSubscription(
      `${name}-alarms-email-${region}`,
      { region, topic: resource.arn, protocol: 'email', endpoint: args.email },
      { parent },
    );
  }
  return pulumi.all([resource.arn, policy.id]).apply(([arn]) => arn);
}

/** The topic's whole policy document. */
function topicPolicy(topicArn: string, accountId: string): unknown {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'AlarmsOfThisAccount',
        Effect: 'Allow',
        Principal: { Service: 'cloudwatch.amazonaws.com' },
        Action: 'sns:Publish',
        Resource: topicArn,
        Condition: { StringEquals: { 'aws:SourceAccount': accountId } },
      },
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 'sns:Publish',
        Resource: topicArn,
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
    ],
  };
}
