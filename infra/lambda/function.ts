// The workload on Lambda behind an API Gateway HTTP API, in the same private subnets.
import { readFileSync } from 'node:fs';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { apiOf } from './api';
import { functionBootCode, FUNCTION_ENV } from './boot';
import { XRAY_EXPORTER } from '../../contracts/env';
import type { Statement } from '../../contracts/workload';
import { egressRule, type EgressTarget } from '../rights/egress';
import { assumedBy, logWriterStatements, policyOf } from '../rights/policy-documents';
import { originSecretVariables } from '../rights/origin-secret';
import { readSecrets } from '../rights/statements';

/** What {@link ServiceFunction} needs. */
export interface ServiceFunctionArgs {
  /** Path of the bundled Lambda entry. */
  bundlePath: string;
  /** Private subnets, one a zone. */
  subnetIds: pulumi.Input<string[]>;
  vpcId: pulumi.Input<string>;
  /** What the function may reach by HTTPS; nobody may reach it in the VPC. */
  egressTargets: readonly EgressTarget[];
  /** Variables of the process, in clear. */
  environment: Record<string, pulumi.Input<string>>;
  /** ARNs of the secrets that the workload names, by variable. */
  secrets: Readonly<Record<string, string>>;
  /** Rights of the process. */
  statements: pulumi.Input<Statement[]>;
  /** Secret by which the process knows the edge. */
  originSecretArns: pulumi.Input<string>[];
  /** Key that the origin secret is encrypted with. */
  secretKeyArn: pulumi.Input<string>;
  accountId: string;
  region: string;
  /** Lines of a lower level are not kept: `debug`, `info`, `warn` or `error`. */
  logLevel: string;
  /** MiB. */
  memory: number;
  /** Most executions at a time; also reserved, so that nothing else of the account can take them. */
  concurrency: number;
  /** Longest time of a request in seconds. */
  requestTimeoutSeconds: number;
  logRetentionDays: number;
  /** KMS key of the log groups. @default CloudWatch's own encryption */
  logKeyArn?: pulumi.Input<string>;
}

/** Function, role, API and logs. */
export class ServiceFunction extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;
  readonly apiId: pulumi.Output<string>;
  /** Host name of the API: an origin for CloudFront. */
  readonly apiHost: pulumi.Output<string>;
  readonly logGroupName: pulumi.Output<string>;
  /** Name of the log group of the API's access logs. */
  readonly apiLogGroupName: pulumi.Output<string>;

  constructor(name: string, args: ServiceFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    // An older name, kept: the state knows all children by it, and another would replace them.
    super('gatehouse:infra:Function', name, {}, opts);
    const logs = logGroup(`${name}-fn-logs`, args, this);
    const accessLogs = logGroup(`${name}-api-logs`, args, this);
    const role = new aws.iam.Role(
      `${name}-fn-role`,
      {
        description: 'The service on Lambda.',
        assumeRolePolicy: assumedBy('lambda.amazonaws.com'),
      },
      { parent: this },
    );
    const policy = new aws.iam.RolePolicy(
      `${name}-fn-policy`,
      { role: role.id, policy: rolePolicy(args, logs) },
      { parent: this },
    );
    const network = new aws.iam.RolePolicyAttachment(
      `${name}-fn-network`,
      { role: role.name, policyArn: NETWORK_INTERFACES },
      { parent: this },
    );
    const group = groupOf(name, args, this);
    const fn = functionOf(name, role, logs, group, args, {
      parent: this,
      dependsOn: [policy, network],
    });
    const api = apiOf(name, fn, { ...args, accessLogGroupArn: accessLogs.arn }, this);
    this.functionName = fn.name;
    this.apiId = api.id;
    this.apiHost = api.apiEndpoint.apply((endpoint) => new URL(endpoint).host);
    this.logGroupName = logs.name;
    this.apiLogGroupName = accessLogs.name;
    this.registerOutputs({ functionName: this.functionName, apiHost: this.apiHost });
  }
}

function logGroup(
  name: string,
  args: ServiceFunctionArgs,
  parent: pulumi.Resource,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    name,
    { retentionInDays: args.logRetentionDays, kmsKeyId: args.logKeyArn },
    { parent },
  );
}

function rolePolicy(
  args: ServiceFunctionArgs,
  logs: aws.cloudwatch.LogGroup,
): pulumi.Output<string> {
  return pulumi
    .all([args.statements, pulumi.all(args.originSecretArns), args.secretKeyArn, logs.arn])
    .apply(([statements, arns, keyArn, logsArn]) =>
      policyOf([
        ...statements,
        ...readSecrets({ arns, keyArn }, Object.values(args.secrets)),
        codeLeavesNetworkAlone(args),
        ...logWriterStatements([logsArn]),
      ]),
    );
}

/** AWS's own policy for a function's network interfaces, whose actions Lambda wants on all resources. */
const NETWORK_INTERFACES = 'arn:aws:iam::aws:policy/service-role/AWSLambdaENIManagementAccess';

/**
 * Lambda makes the interfaces under the function's role; the function's own code is denied it.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
 */
function codeLeavesNetworkAlone({ region, accountId }: ServiceFunctionArgs): Statement {
  return {
    Sid: 'CodeLeavesNetworkAlone',
    Effect: 'Deny',
    Action: [
      'ec2:AssignPrivateIpAddresses',
      'ec2:CreateNetworkInterface',
      'ec2:DeleteNetworkInterface',
      'ec2:DescribeNetworkInterfaces',
      'ec2:DescribeSubnets',
      'ec2:UnassignPrivateIpAddresses',
    ],
    Resource: '*',
    Condition: {
      ArnLike: {
        'lambda:SourceFunctionArn': `arn:aws:lambda:${region}:${accountId}:function:*`,
      },
    },
  };
}

function groupOf(
  name: string,
  args: ServiceFunctionArgs,
  parent: pulumi.Resource,
): aws.ec2.SecurityGroup {
  const group = new aws.ec2.SecurityGroup(
    `${name}-fn-sg`,
    { vpcId: args.vpcId, description: 'The function: from nobody, to AWS services.' },
    { parent },
  );
  for (const target of args.egressTargets) egressRule(`${name}-fn`, group, target, parent);
  return group;
}

function functionOf(
  name: string,
  role: aws.iam.Role,
  logs: aws.cloudwatch.LogGroup,
  group: aws.ec2.SecurityGroup,
  args: ServiceFunctionArgs,
  opts: pulumi.CustomResourceOptions,
): aws.lambda.Function {
  return new aws.lambda.Function(
    `${name}-fn`,
    {
      description: 'The service.',
      role: role.arn,
      runtime: aws.lambda.Runtime.NodeJS24dX,
      architectures: ['arm64'],
      handler: 'index.handler',
      code: new pulumi.asset.AssetArchive({
        'index.mjs': new pulumi.asset.StringAsset(functionBootCode()),
        'lambda.js': new pulumi.asset.StringAsset(readFileSync(args.bundlePath, 'utf8')),
      }),
      memorySize: args.memory,
      // The service answers a slow request itself; Lambda ends it only when that fails.
      timeout: args.requestTimeoutSeconds + 2,
      ...(args.concurrency === 0 ? {} : { reservedConcurrentExecutions: args.concurrency }),
      environment: {
        variables: functionEnvironment(args),
      },
      vpcConfig: {
        subnetIds: args.subnetIds,
        securityGroupIds: [group.id],
        ipv6AllowedForDualStack: false,
      },
      tracingConfig: { mode: 'Active' },
      // What AWS would fill in is written out, or every preview would show a difference.
      packageType: 'Zip',
      ephemeralStorage: { size: 512 },
      loggingConfig: {
        logFormat: 'JSON',
        logGroup: logs.name,
        applicationLogLevel: args.logLevel.toUpperCase(),
        systemLogLevel: 'INFO',
      },
    },
    // Lambda gives its network interfaces back up to 20 minutes after the function is gone.
    { ...opts, customTimeouts: { delete: '45m' } },
  );
}

function functionEnvironment(args: ServiceFunctionArgs): Record<string, pulumi.Input<string>> {
  const secrets = { ...args.secrets, ...originSecretVariables(args.originSecretArns) };
  return {
    ...args.environment,
    [FUNCTION_ENV.secretArns]: pulumi.jsonStringify(secrets),
    // No collector runs beside a function, but X-Ray's daemon does, which takes spans.
    OTEL_METRICS_EXPORTER: 'none',
    OTEL_TRACES_EXPORTER: XRAY_EXPORTER,
  };
}
