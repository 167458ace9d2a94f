// The web ACL in front of CloudFront: rate limits, managed groups, and logs that hold no key.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { GLOBAL_REGION } from '../../contracts/aws-limits';
import type { ErrorFormat } from '../../contracts/errors';
import * as random from '@pulumi/random';

import { bodyInspection, wafRules } from './waf-rules';
import type { WafRule, WafRuleArgs } from './waf-rules';

/** Headers that carry a key; no log line, sample or rate-limit detail may show their value. */
const SECRET_HEADERS = ['x-api-key', 'authorization'];

/** What {@link Waf} needs. */
export interface WafArgs extends Omit<WafRuleArgs, 'allowedIps'> {
  /** CIDR blocks, IPv4 or IPv6, that alone may call. @default everyone may */
  allowedCidrs?: readonly string[];
  /** Form of the API's errors; denials have the same. */
  errors: ErrorFormat;
  /** Largest body that the service accepts, in bytes: WAF is made to inspect as much. */
  serviceBodyLimitBytes: number;
  /** Days that a log line is kept. */
  logRetentionDays: number;
  /** KMS key in us-east-1 for the log group. @default CloudWatch's own encryption */
  logKeyArn?: pulumi.Input<string>;
}

/** The web ACL and its logs. */
export class Waf extends pulumi.ComponentResource {
  /** ARN, to be set as `webAclId` of the distribution. */
  readonly webAclArn: pulumi.Output<string>;
  /** The `WebACL` dimension of its metrics. */
  readonly metricName: pulumi.Output<string>;
  /** Metric names of the rules. */
  readonly ruleNames: string[];
  /** Name of the log group, in us-east-1. */
  readonly logGroupName: pulumi.Output<string>;

  /** @throws {Error} when the service accepts a larger body than WAF can inspect. */
  constructor(name: string, args: WafArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Waf', name, {}, opts);
    const inspected = bodyInspection(args.serviceBodyLimitBytes);
    const allowedIps = allowList(name, args.allowedCidrs ?? [], this);
    this.metricName = metricNameOf(name, this);
    const rules = wafRules({ ...args, allowedIps });
    this.ruleNames = rules.map((rule) => rule.name);
    const acl = webAcl(name, args.errors, rules, inspected, this.metricName, this);
    const logs = logGroup(name, args, this);
    logWithoutKeys(name, acl, logs, this);
    this.webAclArn = acl.arn;
    this.logGroupName = logs.name;
    this.registerOutputs({ webAclArn: this.webAclArn, logGroupName: this.logGroupName });
  }
}

/** An IP set holds one address family: one set for each family that the list has. */
function allowList(
  name: string,
  cidrs: readonly string[],
  parent: pulumi.Resource,
): pulumi.Output<string>[] {
  const families = { IPV4: /\./, IPV6: /:/ } as const;
  return Object.entries(families).flatMap(([ipAddressVersion, pattern]) => {
    const addresses = cidrs.filter((cidr) => pattern.test(cidr));
    if (addresses.length === 0) return [];
    const set = new aws.wafv2.IpSet(
      `${name}-allow-${ipAddressVersion.toLowerCase()}`,
      {
        region: GLOBAL_REGION,
        scope: 'CLOUDFRONT',
        description: 'Addresses that alone may call.',
        ipAddressVersion,
        addresses,
      },
      { parent },
    );
    return [set.arn];
  });
}

/** Metrics go by this name and not by the ACL's: a suffix keeps two copies of a stack apart. */
function metricNameOf(name: string, parent: pulumi.Resource): pulumi.Output<string> {
  const suffix = new random.RandomId(`${name}-waf-suffix`, { byteLength: 4 }, { parent });
  return pulumi.interpolate`${name}-${suffix.hex}`;
}

function webAcl(
  name: string,
  errors: ErrorFormat,
  rules: WafRule[],
  inspected: string,
  metricName: pulumi.Output<string>,
  parent: pulumi.Resource,
): aws.wafv2.WebAcl {
  return new aws.wafv2.WebAcl(
    `${name}-waf`,
    {
      region: GLOBAL_REGION,
      scope: 'CLOUDFRONT',
      description: 'Rate limits and managed rules in front of the API.',
      defaultAction: { allow: {} },
      rules,
      associationConfig: {
        requestBodies: [{ cloudfront: { defaultSizeInspectionLimit: inspected } }],
      },
      customResponseBodies: [
        deniedBody(
          'too-many-requests',
          errors,
          429,
          'rate_limited',
          'Too many requests; slow down.',
        ),
        deniedBody('not-allowed', errors, 403, 'address_not_allowed', 'This address may not call.'),
      ],
      // Redaction covers log lines only. The value that a rate rule counts by stands in the log a
      // second time, and in the console's samples: this covers both.
      // https://docs.aws.amazon.com/waf/latest/developerguide/data-protection-masking.html
      dataProtectionConfig: {
        dataProtections: [
          {
            action: 'SUBSTITUTION',
            field: { fieldType: 'SINGLE_HEADER', fieldKeys: SECRET_HEADERS },
            excludeRateBasedDetails: false,
            excludeRuleMatchDetails: false,
          },
        ],
      },
      visibilityConfig: {
        metricName,
        cloudwatchMetricsEnabled: true,
        sampledRequestsEnabled: true,
      },
    },
    { parent },
  );
}

/** A denial in the form of every other error of the API; WAF has no media type but JSON for it. */
function deniedBody(
  key: string,
  format: ErrorFormat,
  status: number,
  code: string,
  title: string,
): aws.types.input.wafv2.WebAclCustomResponseBody {
  const document =
    format === 'json-api'
      ? { jsonapi: { version: '1.1' }, errors: [{ status: String(status), code, title }] }
      : { title, status, code };
  return { key, contentType: 'APPLICATION_JSON', content: JSON.stringify(document) };
}

/** The logical name, and by it the physical one, starts as WAF demands of every log group. */
function logGroup(name: string, args: WafArgs, parent: pulumi.Resource): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    `aws-waf-logs-${name}`,
    {
      region: GLOBAL_REGION,
      retentionInDays: args.logRetentionDays,
      kmsKeyId: args.logKeyArn,
    },
    { parent },
  );
}

function logWithoutKeys(
  name: string,
  acl: aws.wafv2.WebAcl,
  logs: aws.cloudwatch.LogGroup,
  parent: pulumi.Resource,
): void {
  new aws.wafv2.WebAclLoggingConfiguration(
    `${name}-waf-logging`,
    {
      region: GLOBAL_REGION,
      resourceArn: acl.arn,
      logDestinationConfigs: [logs.arn],
      redactedFields: SECRET_HEADERS.map((header) => ({ singleHeader: { name: header } })),
      // What was let through is in the access logs; a second line for each would cost more than WAF.
      loggingFilter: {
        defaultBehavior: 'DROP',
        filters: [
          {
            behavior: 'KEEP',
            requirement: 'MEETS_ANY',
            conditions: [
              { actionCondition: { action: 'BLOCK' } },
              { actionCondition: { action: 'COUNT' } },
              { actionCondition: { action: 'EXCLUDED_AS_COUNT' } },
            ],
          },
        ],
      },
    },
    { parent },
  );
}
