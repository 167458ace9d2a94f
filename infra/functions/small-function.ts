// A function beside the service: one module of ours on Lambda, with a role and a log group of its own.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Statement } from '../../contracts/workload';
import { assumedBy, logWriterStatements, policyOf } from '../rights/policy-documents';

/** What a {@link smallFunction} is. */
export interface SmallFunction {
  /** A sentence, which the role has as its description, too. */
  description: string;
  /** Code of a CommonJS module that exports `handler`. */
  code: string | Promise<string>;
  /** What its role may do, besides writing its log. */
  rights: pulumi.Input<readonly Statement[]>;
  environment: Record<string, pulumi.Input<string>>;
  memoryMib: number;
  timeoutSeconds: number;
  /** Whether a call that nobody traces is traced; else it is where its caller's is. */
  traced: boolean;
}

/** Where its lines go. */
export interface SmallFunctionLogs {
  logRetentionDays: number;
  /** KMS key of the log group. @default CloudWatch's own encryption */
  logKeyArn?: pulumi.Input<string>;
}

/** Makes role (`-role`, `-policy`), log group (`-logs`) and function. */
export function smallFunction(
  name: string,
  fn: SmallFunction,
  { logRetentionDays, logKeyArn }: SmallFunctionLogs,
  parent: pulumi.Resource,
): aws.lambda.Function {
  const { description, code } = fn;
  const logs = new aws.cloudwatch.LogGroup(
    `${name}-logs`,
    { retentionInDays: logRetentionDays, kmsKeyId: logKeyArn },
    { parent },
  );
  const role = new aws.iam.Role(
    `${name}-role`,
    { description, assumeRolePolicy: assumedBy('lambda.amazonaws.com') },
    { parent },
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.id,
      policy: pulumi
        .all([fn.rights, logs.arn])
        .apply(([rights, logsArn]) => policyOf([...rights, ...logWriterStatements([logsArn])])),
    },
    { parent },
  );
  return new aws.lambda.Function(
    name,
    {
      description,
      role: role.arn,
      runtime: aws.lambda.Runtime.NodeJS24dX,
      architectures: ['arm64'],
      handler: 'index.handler',
      code: new pulumi.asset.AssetArchive({ 'index.js': new pulumi.asset.StringAsset(code) }),
      memorySize: fn.memoryMib,
      timeout: fn.timeoutSeconds,
      environment: { variables: fn.environment },
      // What AWS would fill in is written out, or every preview would show a difference.
      packageType: 'Zip',
      ephemeralStorage: { size: 512 },
      tracingConfig: { mode: fn.traced ? 'Active' : 'PassThrough' },
      loggingConfig: {
        logFormat: 'JSON',
        logGroup: logs.name,
        applicationLogLevel: 'INFO',
        systemLogLevel: 'WARN',
      },
    },
    { parent, dependsOn: [policy] },
  );
}
