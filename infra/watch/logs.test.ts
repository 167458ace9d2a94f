// Proves where access logs go and who may write them.
import { AccessLogs } from './access-logs';
import { LogBucket } from './logs';
import type { RecordedResource } from '../../recorder/record';
import { one } from '../../recorder/query';
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
