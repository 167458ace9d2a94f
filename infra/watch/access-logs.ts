// CloudFront's access logs and their way into the bucket.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { CLOUDFRONT_LOG_PREFIX } from '../../contracts/access-logs';
import { GLOBAL_REGION } from '../../contracts/aws-limits';

/** What {@link AccessLogs} needs. */
export interface AccessLogsArgs {
  /** ARN of the distribution whose requests are logged. */
  distributionArn: pulumi.Input<string>;
  /** ARN of the bucket that takes the logs. */
  bucketArn: pulumi.Input<string>;
}

/**
 * Fields of a CloudFront log line. Query strings and cookies stay out of it, for personal data and
 * mislaid keys have a way of turning up there.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
 */
export const ACCESS_LOG_FIELDS = [
  'date',
  'time',
  'x-edge-location',
  'sc-bytes',
  'c-ip',
  'cs-method',
  'cs(Host)',
  'cs-uri-stem',
  'sc-status',
  'cs(User-Agent)',
  'x-edge-result-type',
  'x-edge-request-id',
  'cs-protocol',
  'cs-bytes',
  'time-taken',
  'ssl-protocol',
  'ssl-cipher',
  'x-edge-response-result-type',
  'cs-protocol-version',
  'time-to-first-byte',
  'x-edge-detailed-result-type',
  'origin-fbl',
  'origin-lbl',
] as const;

/** CloudFront's access logs (v2) into the bucket, a folder a day. */
export class AccessLogs extends pulumi.ComponentResource {
  constructor(name: string, args: AccessLogsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:AccessLogs', name, {}, opts);
    const source = new aws.cloudwatch.LogDeliverySource(
      `${name}-cdn-log-source`,
      { region: GLOBAL_REGION, logType: 'ACCESS_LOGS', resourceArn: args.distributionArn },
      { parent: this },
    );
    const destination = new aws.cloudwatch.LogDeliveryDestination(
      `${name}-cdn-log-target`,
      {
        region: GLOBAL_REGION,
        outputFormat: 'json',
        deliveryDestinationConfiguration: {
          destinationResourceArn: pulumi.interpolate`${args.bucketArn}/${CLOUDFRONT_LOG_PREFIX}`,
        },
      },
      { parent: this },
    );
    new aws.cloudwatch.LogDelivery(
      `${name}-cdn-logs`,
      {
        region: GLOBAL_REGION,
        deliverySourceName: source.name,
        deliveryDestinationArn: destination.arn,
        recordFields: [...ACCESS_LOG_FIELDS],
        s3DeliveryConfigurations: [
          { suffixPath: '{DistributionId}/{yyyy}/{MM}/{dd}', enableHiveCompatiblePath: false },
        ],
      },
      { parent: this },
    );
    this.registerOutputs({});
  }
}
