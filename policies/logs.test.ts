// Holds the rules of logs, alarms, buckets and names to passing and failing cases.
import { LOG_RULES } from './logs';
import { NAME_RULES } from './names';
import { holdRules, resource } from './testing/cases';

const group = (retentionInDays: unknown) =>
  resource('aws:cloudwatch/logGroup:LogGroup', { retentionInDays });
const topic = (kmsMasterKeyId?: string) => resource('aws:sns/topic:Topic', { kmsMasterKeyId });
const alarm = (inputs: object, name = 'gh-cpu') =>
  resource('aws:cloudwatch/metricAlarm:MetricAlarm', { ...inputs }, { name });

const bucket = resource('aws:s3/bucket:Bucket', {}, { name: 'gh-logs' });
const companion = (type: string, inputs: object) =>
  resource(type, { bucket: 'gh-logs-1234567', ...inputs });
const COMPANIONS = {
  access: companion('aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock', {
    blockPublicAcls: true,
    blockPublicPolicy: true,
    ignorePublicAcls: true,
    restrictPublicBuckets: true,
  }),
  versions: companion('aws:s3/bucketVersioning:BucketVersioning', {
    versioningConfiguration: { status: 'Enabled' },
  }),
  lifecycle: companion('aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration', {
    rules: [
      { status: 'Enabled', expiration: { days: 30 }, abortIncompleteMultipartUpload: { days: 7 } },
    ],
  }),
  owner: companion('aws:s3/bucketOwnershipControls:BucketOwnershipControls', {
    rule: { objectOwnership: 'BucketOwnerEnforced' },
  }),
  policy: companion('aws:s3/bucketPolicy:BucketPolicy', {
    policy: '{"Condition":{"Bool":{"aws:SecureTransport":"false"}}}',
  }),
};
const bucketWith = (replaced: Partial<typeof COMPANIONS>) => [
  bucket,
  ...Object.values({ ...COMPANIONS, ...replaced }),
];

describe('LOG_RULES', () => {
  holdRules(LOG_RULES, {
    'log-group-retention': {
      passes: { 'a year': [group(365)] },
      fails: {
        forever: [[group(undefined)], 'retentionInDays undefined'],
        'a number that CloudWatch has not': [[group(366)], 'retentionInDays 366'],
      },
    },
    'topic-customer-key': {
      passes: { 'a key of one’s own': [topic('arn:aws:kms:eu-central-1:1:key/1')] },
      fails: {
        'no key': [[topic()], 'no customer-managed key'],
        'the key of SNS': [[topic('alias/aws/sns')], 'no alarm is ever delivered'],
      },
    },
    'alarm-heard': {
      passes: {
        'an alarm with a topic': [alarm({ alarmActions: ['arn'], actionsEnabled: true })],
        'a window, for which its composite speaks': [alarm({}, 'gh-latency-fast-long')],
      },
      fails: {
        'an alarm that nobody hears': [[alarm({ alarmActions: [] })], 'nobody hears it'],
        'a composite that nobody hears': [
          [resource('aws:cloudwatch/compositeAlarm:CompositeAlarm', {}, { name: 'x-fast-long' })],
          'nobody hears it',
        ],
        'actions switched off': [
          [alarm({ alarmActions: ['arn'], actionsEnabled: false })],
          'switched off',
        ],
      },
    },
    'bucket-hardened': {
      passes: {
        'a bucket with all companions': bucketWith({}),
        'companions of a bucket whose name AWS knows': [
          { ...bucket, outputs: { bucket: 'logs-of-mine' } },
          ...Object.values(COMPANIONS).map((each) => ({
            ...each,
            inputs: { ...each.inputs, bucket: 'logs-of-mine' },
          })),
        ],
        'companions before a first up': [
          bucket,
          ...Object.values(COMPANIONS).map((each) => ({
            ...each,
            inputs: { ...each.inputs, bucket: undefined },
          })),
        ],
      },
      fails: {
        'a bucket alone': [[bucket], 'not closed to the public'],
        'a bucket half closed': [
          bucketWith({ access: companion(COMPANIONS.access.type, { blockPublicAcls: true }) }),
          'not closed to the public',
        ],
        'no versions': [
          bucketWith({
            versions: companion(COMPANIONS.versions.type, {
              versioningConfiguration: { status: 'Suspended' },
            }),
          }),
          'keeps no versions',
        ],
        'no end of uploads': [
          bucketWith({
            lifecycle: companion(COMPANIONS.lifecycle.type, {
              rules: [{ status: 'Enabled', expiration: { days: 30 } }],
            }),
          }),
          'never expires',
        ],
        ACLs: [
          bucketWith({
            owner: companion(COMPANIONS.owner.type, { rule: { objectOwnership: 'ObjectWriter' } }),
          }),
          'accepts ACLs',
        ],
        'requests without TLS': [
          bucketWith({ policy: companion(COMPANIONS.policy.type, { policy: '{}' }) }),
          'without TLS',
        ],
        'companions of another bucket': [
          [
            bucket,
            ...Object.values(COMPANIONS).map((each) => ({
              ...each,
              inputs: { ...each.inputs, bucket: 'other-1234567' },
            })),
          ],
          'not closed to the public',
        ],
      },
    },
  });
});

describe('NAME_RULES', () => {
  const named = (type: string, name: string, inputs: Record<string, unknown> = {}) =>
    resource(type, inputs, { name });
  const BALANCER = 'aws:lb/loadBalancer:LoadBalancer';

  holdRules(NAME_RULES, {
    names: {
      passes: {
        'a name with room for the suffix': [named(BALANCER, 'a'.repeat(24))],
        'a name that Pulumi made up': [named(BALANCER, 'gh-lb', { name: 'gh-lb-0a1b2c3' })],
        'a table that was there before': [
          named('aws:dynamodb/table:Table', 'gh-users', {
            name: 'users-restored',
            tags: { 'gatehouse:adopted': 'true' },
          }),
        ],
        'a type without a limit worth knowing': [named('aws:kms/key:Key', 'a'.repeat(200))],
      },
      fails: {
        'a load balancer one character too long': [
          [named(BALANCER, 'a'.repeat(25))],
          "has 25 characters; with Pulumi's suffix AWS takes 24 here",
        ],
        'a role too long': [[named('aws:iam/role:Role', 'a'.repeat(57))], 'takes 56'],
        'a target group of fixed name': [
          [named('aws:lb/targetGroup:TargetGroup', 'gh-tg', { name: 'orders' })],
          'always called orders',
        ],
        'a bucket of fixed name': [
          [named('aws:s3/bucket:Bucket', 'gh-logs', { bucket: 'logs' })],
          'always called logs',
        ],
      },
    },
  });
});
