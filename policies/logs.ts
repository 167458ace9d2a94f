// Rules of logs and alarms: kept for a stated time, encrypted, and heard by somebody.
import { LOG_RETENTION_DAYS } from '../contracts/aws-limits';
import { at, list } from './inputs';
import { type PolicyResource, resourceRule, type Rule, unless } from './rule';

const logGroupExpires = resourceRule({
  name: 'log-group-retention',
  description: 'Log groups keep lines for a stated time (CloudWatch.16).',
  types: ['aws:cloudwatch/logGroup:LogGroup'],
  faults: ({ inputs }) =>
    unless(
      LOG_RETENTION_DAYS.includes(Number(inputs.retentionInDays)),
      `has retentionInDays ${String(inputs.retentionInDays)}. Set one of ${LOG_RETENTION_DAYS.join(', ')}.`,
    ),
});

const topicIsEncrypted = resourceRule({
  name: 'topic-customer-key',
  description: 'Alarm topics have a key that CloudWatch may use (SNS.1).',
  types: ['aws:sns/topic:Topic'],
  faults: ({ inputs }) =>
    unless(
      typeof inputs.kmsMasterKeyId === 'string' && inputs.kmsMasterKeyId !== 'alias/aws/sns',
      'has no customer-managed key; with alias/aws/sns no alarm is ever delivered. Set kmsMasterKeyId.',
    ),
});

/**
 * The windows of a burn-rate pair are alarms whose composite speaks for them; Pulumi knows their
 * names only as outputs, so they are told by having neither kind of action.
 */
const alarmIsHeard = resourceRule({
  name: 'alarm-heard',
  description: 'Alarms have actions, and the actions are on (CloudWatch.15, .17).',
  types: ['aws:cloudwatch/compositeAlarm:CompositeAlarm', 'aws:cloudwatch/metricAlarm:MetricAlarm'],
  faults: ({ type, name, inputs }) => {
    const isWindow = type.includes('metricAlarm') && /-(fast|slow)-(long|short)$/.test(name);
    return [
      ...unless(
        isWindow || list(inputs.alarmActions).length > 0,
        'rings and nobody hears it. Set alarmActions.',
      ),
      ...unless(inputs.actionsEnabled !== false, 'has its actions switched off. Switch them on.'),
    ];
  },
});

const COMPANIONS = {
  'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock': 'is not closed to the public (S3.8)',
  'aws:s3/bucketVersioning:BucketVersioning': 'keeps no versions (S3.14)',
  'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration': 'never expires (S3.13)',
  'aws:s3/bucketOwnershipControls:BucketOwnershipControls': 'accepts ACLs (S3.12)',
  'aws:s3/bucketPolicy:BucketPolicy': 'accepts requests without TLS (S3.5)',
} as const;

/** How much of a companion counts: the public access block must block in all four ways. */
function keeps(companion: PolicyResource): boolean {
  const { inputs } = companion;
  switch (companion.type as keyof typeof COMPANIONS) {
    case 'aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock':
      return [
        'blockPublicAcls',
        'blockPublicPolicy',
        'ignorePublicAcls',
        'restrictPublicBuckets',
      ].every((key) => inputs[key] === true);
    case 'aws:s3/bucketVersioning:BucketVersioning':
      return at(inputs, 'versioningConfiguration', 'status') === 'Enabled';
    case 'aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration':
      return list(inputs.rules).some(
        (rule) =>
          at(rule, 'status') === 'Enabled' &&
          at(rule, 'expiration') !== undefined &&
          at(rule, 'abortIncompleteMultipartUpload') !== undefined,
      );
    case 'aws:s3/bucketOwnershipControls:BucketOwnershipControls':
      return at(inputs, 'rule', 'objectOwnership') === 'BucketOwnerEnforced';
    case 'aws:s3/bucketPolicy:BucketPolicy':
      return String(inputs.policy).includes('aws:SecureTransport');
  }
}

/** A companion names its bucket; before a first `up` the name is not known, and any may be meant. */
function isOf(companion: PolicyResource, bucket: PolicyResource): boolean {
  const named = companion.inputs.bucket;
  const known = [bucket.inputs.bucket, bucket.outputs?.bucket, bucket.outputs?.id].filter(
    (id) => typeof id === 'string',
  );
  return (
    typeof named !== 'string' ||
    known.includes(named) ||
    // A physical name that Pulumi makes up is the logical one and a suffix.
    (known.length === 0 && named.startsWith(`${bucket.name}-`))
  );
}

const bucketIsClosed: Rule = {
  name: 'bucket-hardened',
  description:
    'Buckets are closed to the public, without ACLs, TLS only, versioned, and expire (S3.2 to .14).',
  level: 'mandatory',
  check: (resources) =>
    resources
      .filter(({ type }) => type === 'aws:s3/bucket:Bucket')
      .flatMap((bucket) =>
        Object.entries(COMPANIONS)
          .filter(
            ([type]) =>
              !resources.some(
                (other) => other.type === type && isOf(other, bucket) && keeps(other),
              ),
          )
          .map(([type, fault]) => ({
            urn: bucket.urn,
            message: `${bucket.name}: ${fault}. Declare its ${type.split(':')[2]} accordingly.`,
          })),
      ),
};

/** All rules of logs, alarms and their buckets. */
export const LOG_RULES: readonly Rule[] = [
  logGroupExpires,
  topicIsEncrypted,
  alarmIsHeard,
  bucketIsClosed,
];
