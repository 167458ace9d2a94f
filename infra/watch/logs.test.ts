// Proves where access logs go, who may write them, and which keys log groups are encrypted by.
import { AlarmTopics, type AlarmTopicsArgs } from './alarm-topics';
import { Certificate } from '../front/certificate';
import { AccessLogs, LogBucket } from './logs';
import type { RecordedResource } from '../../recorder/record';
import { TelemetryKeys } from './telemetry-keys';
import { all, one } from '../../recorder/query';
import { recordComponents, statements } from '../testing/recorded';

const ACCOUNT = '123456789012';
const DISTRIBUTION = `arn:aws:cloudfront::${ACCOUNT}:distribution/E1`;

describe('LogBucket', () => {
  let resources: readonly RecordedResource[];
  let name: string;

  beforeAll(async () => {
    resources = await recordComponents(() => {
      new LogBucket('gh', { accountId: ACCOUNT, retentionDays: 30, forceDestroy: true });
    });
    name = String(one(resources, 's3/bucket:Bucket').outputs.id);
  });

  it('is closed to the public, without ACLs, versioned and encrypted', () => {
    expect(one(resources, ':BucketPublicAccessBlock').inputs).toEqual({
      bucket: name,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    expect(one(resources, ':BucketOwnershipControls').inputs).toMatchObject({
      rule: { objectOwnership: 'BucketOwnerEnforced' },
    });
    expect(one(resources, ':BucketVersioning').inputs).toMatchObject({
      versioningConfiguration: { status: 'Enabled' },
    });
    expect(one(resources, ':BucketServerSideEncryptionConfiguration').inputs).toMatchObject({
      // The load balancer delivers to no bucket with a KMS key.
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    });
  });

  it('forgets logs after the retention, older versions and broken uploads too', () => {
    expect(one(resources, ':BucketLifecycleConfiguration').inputs).toMatchObject({
      rules: [
        {
          status: 'Enabled',
          expiration: { days: 30 },
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    });
  });

  it('lets two services of AWS write to folders of this account, and nobody without TLS', () => {
    const arn = `arn:aws:s3:::${name}`;
    const policy = statements(one(resources, ':BucketPolicy'));
    expect(
      policy.map(({ Effect, Principal, Action, Resource }) => [
        Effect,
        Principal,
        Action,
        Resource,
      ]),
    ).toEqual([
      ['Deny', '*', 's3:*', [arn, `${arn}/*`]],
      [
        'Allow',
        { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        's3:PutObject',
        `${arn}/alb/AWSLogs/${ACCOUNT}/*`,
      ],
      ['Allow', { Service: 'delivery.logs.amazonaws.com' }, 's3:PutObject', `${arn}/cloudfront/*`],
      ['Allow', { Service: 'delivery.logs.amazonaws.com' }, 's3:GetBucketAcl', arn],
    ]);
    expect(policy[0]?.Condition).toEqual({ Bool: { 'aws:SecureTransport': 'false' } });
    for (const statement of policy.slice(2)) {
      expect(statement.Condition).toMatchObject({
        StringEquals: { 'aws:SourceAccount': ACCOUNT },
        ArnLike: { 'aws:SourceArn': `arn:aws:logs:us-east-1:${ACCOUNT}:delivery-source:*` },
      });
    }
  });

  it('goes with the stack where the stack says so', () => {
    expect(one(resources, 's3/bucket:Bucket').inputs).toEqual({ forceDestroy: true });
  });
});

describe('AccessLogs', () => {
  it('delivers from us-east-1, without query strings, cookies or keys', async () => {
    const resources = await recordComponents(() => {
      new AccessLogs('gh', { distributionArn: DISTRIBUTION, bucketArn: 'arn:aws:s3:::logs' });
    });
    const [source, target, delivery] = ['Source', 'Destination', ''].map((kind) =>
      one(resources, `:LogDelivery${kind}`),
    );
    expect(source?.inputs).toEqual({
      region: 'us-east-1',
      logType: 'ACCESS_LOGS',
      resourceArn: DISTRIBUTION,
    });
    expect(target?.inputs).toMatchObject({
      region: 'us-east-1',
      deliveryDestinationConfiguration: { destinationResourceArn: 'arn:aws:s3:::logs/cloudfront' },
    });
    expect(delivery?.inputs).toMatchObject({
      region: 'us-east-1',
      deliverySourceName: source?.outputs.name,
      deliveryDestinationArn: target?.outputs.arn,
    });
    const fields = delivery?.inputs.recordFields as string[];
    expect(fields).toContain('sc-status');
    for (const field of fields) expect(field).not.toMatch(/query|cookie|key|auth/i);
  });
});

describe('TelemetryKeys', () => {
  let resources: readonly RecordedResource[];

  beforeAll(async () => {
    resources = await recordComponents(() => {
      const regions = ['us-east-1', 'eu-central-1', 'us-east-1'];
      new TelemetryKeys('gh', {
        accountId: ACCOUNT,
        homeRegion: 'eu-central-1',
        regions,
        protect: true,
      });
    });
  });

  it('makes one multi-region key, and a replica in each further region', () => {
    expect(one(resources, 'kms/key:Key').inputs).toMatchObject({
      multiRegion: true,
      enableKeyRotation: true,
      deletionWindowInDays: 30,
    });
    expect(all(resources, ':ReplicaKey').map(({ inputs }) => inputs.region)).toEqual(['us-east-1']);
  });

  it('keeps the keys where the stack says so: logs are of no use without them', () => {
    for (const { options } of [one(resources, 'kms/key:Key'), one(resources, ':ReplicaKey')]) {
      expect(options).toMatchObject({ protect: true, retainOnDelete: true });
    }
  });

  it("lets CloudWatch use it for this account's log groups of the region and for topics", () => {
    const [, denial, logs, alarms] = statements(one(resources, ':ReplicaKey'));
    expect(denial).toMatchObject({ Effect: 'Deny', Sid: 'NotByTheService' });
    expect(logs).toMatchObject({
      Principal: { Service: 'logs.us-east-1.amazonaws.com' },
      Condition: {
        ArnLike: { 'kms:EncryptionContext:aws:logs:arn': `arn:aws:logs:us-east-1:${ACCOUNT}:*` },
      },
    });
    expect(alarms).toMatchObject({
      Principal: { Service: 'cloudwatch.amazonaws.com' },
      Action: ['kms:Decrypt', 'kms:GenerateDataKey*'],
      Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
    });
  });
});

describe('AlarmTopics', () => {
  const args: AlarmTopicsArgs = {
    accountId: ACCOUNT,
    regions: ['eu-central-1', 'us-east-1', 'eu-central-1'],
    keyArns: { 'eu-central-1': 'key-home', 'us-east-1': 'key-global' },
    email: 'oncall@example.com',
  };

  it('makes an encrypted topic a region, to which only alarms of the account may publish', async () => {
    const resources = await recordComponents(() => {
      new AlarmTopics('gh', args);
    });
    expect(all(resources, 'sns/topic:Topic').map(({ inputs }) => inputs)).toEqual([
      { region: 'eu-central-1', kmsMasterKeyId: 'key-home' },
      { region: 'us-east-1', kmsMasterKeyId: 'key-global' },
    ]);
    for (const policy of all(resources, ':TopicPolicy')) {
      expect(statements(policy)).toMatchObject([
        {
          Effect: 'Allow',
          Principal: { Service: 'cloudwatch.amazonaws.com' },
          Action: 'sns:Publish',
          Resource: policy.inputs.arn,
          Condition: { StringEquals: { 'aws:SourceAccount': ACCOUNT } },
        },
        { Effect: 'Deny', Condition: { Bool: { 'aws:SecureTransport': 'false' } } },
      ]);
    }
    expect(all(resources, ':TopicSubscription').map(({ inputs }) => inputs.endpoint)).toEqual([
      'oncall@example.com',
      'oncall@example.com',
    ]);
  });

  it('subscribes nobody without an address', async () => {
    const resources = await recordComponents(() => {
      new AlarmTopics('gh', { ...args, email: undefined });
    });
    expect(all(resources, ':TopicSubscription')).toEqual([]);
  });
});

describe('Certificate', () => {
  it('asks for a certificate in each region and proves the domain by one record', async () => {
    const resources = await recordComponents(() => {
      const regions = ['us-east-1', 'eu-central-1'];
      new Certificate('gh', { domainName: 'api.example.com', zoneId: 'Z1', regions });
    });
    const requests = all(resources, 'acm/certificate:Certificate');
    expect(requests.map(({ inputs }) => [inputs.region, inputs.validationMethod])).toEqual([
      ['us-east-1', 'DNS'],
      ['eu-central-1', 'DNS'],
    ]);
    const record = one(resources, 'route53/record:Record');
    expect(record.inputs).toMatchObject({ zoneId: 'Z1', type: 'CNAME', allowOverwrite: true });
    expect(
      all(resources, ':CertificateValidation').map(({ inputs }) => [
        inputs.region,
        inputs.certificateArn,
      ]),
    ).toEqual(requests.map(({ inputs, outputs }) => [inputs.region, outputs.arn]));
  });
});
