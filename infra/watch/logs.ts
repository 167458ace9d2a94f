// The bucket that access logs go to.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { CLOUDFRONT_LOG_PREFIX, LOAD_BALANCER_LOG_PREFIX } from '../../contracts/access-logs';
import { GLOBAL_REGION } from '../../contracts/aws-limits';

/** What {@link LogBucket} needs. */
export interface LogBucketArgs {
  /** Id of the AWS account. */
  accountId: pulumi.Input<string>;
  /** Days that an access log is kept. */
  retentionDays: number;
  /** Deletes the bucket with all logs in it on `destroy`. */
  forceDestroy: boolean;
}

/**
 * Bucket of the load balancer's and CloudFront's access logs, in the stack's home region. Encrypted
 * by S3's own keys: the load balancer can deliver to no other.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/enable-access-logging.html
 */
export class LogBucket extends pulumi.ComponentResource {
  /** Name of the bucket; resolves when AWS may write to it. */
  readonly bucketName: pulumi.Output<string>;
  /** ARN of the bucket; resolves when AWS may write to it. */
  readonly bucketArn: pulumi.Output<string>;

  constructor(name: string, args: LogBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:LogBucket', name, {}, opts);
    const bucket = new aws.s3.Bucket(
      `${name}-logs`,
      { forceDestroy: args.forceDestroy },
      { parent: this },
    );
    const closed = closeToThePublic(name, bucket, this);
    keepVersions(name, bucket, this);
    expire(name, bucket, args, this);
    const policy = allowDelivery(name, bucket, args, { parent: this, dependsOn: [closed] });
    this.bucketName = policy.bucket;
    this.bucketArn = pulumi.all([bucket.arn, policy.id]).apply(([arn]) => arn);
    this.registerOutputs({ bucketName: this.bucketName, bucketArn: this.bucketArn });
  }
}

function closeToThePublic(
  name: string,
  bucket: aws.s3.Bucket,
  parent: pulumi.Resource,
): pulumi.Resource {
  new aws.s3.BucketOwnershipControls(
    `${name}-logs-owner`,
    { bucket: bucket.id, rule: { objectOwnership: 'BucketOwnerEnforced' } },
    { parent },
  );
  new aws.s3.BucketServerSideEncryptionConfiguration(
    `${name}-logs-sse`,
    {
      bucket: bucket.id,
      rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: 'AES256' } }],
    },
    { parent },
  );
  return new aws.s3.BucketPublicAccessBlock(
    `${name}-logs-closed`,
    {
      bucket: bucket.id,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    },
    { parent },
  );
}

function keepVersions(name: string, bucket: aws.s3.Bucket, parent: pulumi.Resource): void {
  new aws.s3.BucketVersioning(
    `${name}-logs-versions`,
    { bucket: bucket.id, versioningConfiguration: { status: 'Enabled' } },
    { parent },
  );
}

function expire(
  name: string,
  bucket: aws.s3.Bucket,
  args: LogBucketArgs,
  parent: pulumi.Resource,
): void {
  new aws.s3.BucketLifecycleConfiguration(
    `${name}-logs-expiry`,
    {
      bucket: bucket.id,
      rules: [
        {
          id: 'expire',
          status: 'Enabled',
          filter: { prefix: '' },
          expiration: { days: args.retentionDays },
          // A log is written once; an older version is one that somebody overwrote.
          noncurrentVersionExpiration: { noncurrentDays: 30 },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 7 },
        },
      ],
    },
    { parent },
  );
}

function allowDelivery(
  name: string,
  bucket: aws.s3.Bucket,
  args: LogBucketArgs,
  opts: pulumi.CustomResourceOptions,
): aws.s3.BucketPolicy {
  const policy = pulumi
    .all([bucket.arn, args.accountId])
    .apply(([arn, account]) => JSON.stringify(bucketPolicy(arn, account)));
  return new aws.s3.BucketPolicy(`${name}-logs-policy`, { bucket: bucket.id, policy }, opts);
}

/** The bucket's whole policy document: two services may write, nobody without TLS may do anything. */
function bucketPolicy(bucketArn: string, accountId: string): unknown {
  const delivery = { Service: 'delivery.logs.amazonaws.com' };
  const sources = {
    'aws:SourceArn': `arn:aws:logs:${GLOBAL_REGION}:${accountId}:delivery-source:*`,
  };
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'TlsOnly',
        Effect: 'Deny',
        Principal: '*',
        Action: 's3:*',
        Resource: [bucketArn, `${bucketArn}/*`],
        Condition: { Bool: { 'aws:SecureTransport': 'false' } },
      },
      {
        Sid: 'LoadBalancerLogs',
        Effect: 'Allow',
        Principal: { Service: 'logdelivery.elasticloadbalancing.amazonaws.com' },
        Action: 's3:PutObject',
        Resource: `${bucketArn}/${LOAD_BALANCER_LOG_PREFIX}/AWSLogs/${accountId}/*`,
      },
      {
        Sid: 'CloudFrontLogs',
        Effect: 'Allow',
        Principal: delivery,
        Action: 's3:PutObject',
        Resource: `${bucketArn}/${CLOUDFRONT_LOG_PREFIX}/*`,
        Condition: {
          StringEquals: {
            'aws:SourceAccount': accountId,
            's3:x-amz-acl': 'bucket-owner-full-control',
          },
          ArnLike: sources,
        },
      },
      {
        Sid: 'CloudFrontLogsCheck',
        Effect: 'Allow',
        Principal: delivery,
        Action: 's3:GetBucketAcl',
        Resource: bucketArn,
        Condition: { StringEquals: { 'aws:SourceAccount': accountId }, ArnLike: sources },
      },
    ],
  };
}
