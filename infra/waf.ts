// The web ACL in front of CloudFront: managed groups, rate limits, logs without the key.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** CLOUDFRONT-scope web ACLs and their log groups exist in this region only. */
const WAF_REGION = 'us-east-1';

/** What {@link Waf} needs. */
export interface WafArgs {
  /** Requests one address may make in a window before it is blocked. */
  ipRateLimit: number;
  /** Requests one API key may make in a window before it is blocked. */
  keyRateLimit: number;
  /** Length of the window in seconds. */
  windowSeconds: 60 | 120 | 300 | 600;
  /** CIDR blocks that alone may call; everyone may when absent. @default no allow-list */
  allowedCidrs?: string[];
  /** Blocks VPNs, proxies and hosting providers; machine clients live there. @default false */
  blockAnonymousIps?: boolean;
  /** Largest body that the service accepts, in bytes. */
  serviceBodyLimitBytes: number;
  /** Kilobytes of a body that WAF inspects; 16 is free of charge. */
  inspectedBodyKb: 16 | 32 | 48 | 64;
  /** Days that a log line is kept. */
  logRetentionDays: number;
  /** KMS key in us-east-1 for the log group. @default CloudWatch's own encryption */
  logKeyArn?: pulumi.Input<string>;
}

/** The web ACL and its logs. */
export class Waf extends pulumi.ComponentResource {
  /** ARN, to be set as `webAclId` of the distribution. */
  readonly webAclArn: pulumi.Output<string>;
  /** Physical name: the `WebACL` dimension of its metrics. */
  readonly webAclName: pulumi.Output<string>;
  /** Name of the log group. */
  readonly logGroupName: pulumi.Output<string>;

  constructor(name: string, args: WafArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Waf', name, {}, opts);
    const acl = new aws.wafv2.WebAcl(
      `${name}-waf`,
      {
        region: WAF_REGION,
        scope: 'CLOUDFRONT',
        defaultAction: { allow: {} },
        rules: [ipRateRule(args, 0)],
        visibilityConfig: visibility('web-acl'),
      },
      { parent: this },
    );
    // WAF accepts only groups whose name starts so; the logical name makes it start so.
    const logs = new aws.cloudwatch.LogGroup(
      `aws-waf-logs-${name}`,
      { region: WAF_REGION, retentionInDays: args.logRetentionDays, kmsKeyId: args.logKeyArn },
      { parent: this },
    );
    this.webAclArn = acl.arn;
    this.webAclName = acl.name;
    this.logGroupName = logs.name;
    this.registerOutputs({ webAclArn: this.webAclArn });
  }
}

function ipRateRule(args: WafArgs, priority: number): aws.types.input.wafv2.WebAclRule {
  return {
    name: 'rate-by-ip',
    priority,
    action: { block: { customResponse: { responseCode: 429 } } },
    statement: {
      rateBasedStatement: {
        aggregateKeyType: 'IP',
        limit: args.ipRateLimit,
        evaluationWindowSec: args.windowSeconds,
      },
    },
    visibilityConfig: visibility('rate-by-ip'),
  };
}

function visibility(metricName: string): aws.types.input.wafv2.WebAclVisibilityConfig {
  return { metricName, cloudwatchMetricsEnabled: true, sampledRequestsEnabled: false };
}
