// Functions of the workload's own: each on Lambda, in a role of its own, called by the process alone.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { FUNCTION_ENV } from '../../contracts/env';
import { functionsOf, type FunctionSpec, type Workload } from '../../contracts/workload';
import { bundleFunction } from '../../service/bundle';
import { functionKeyPolicy } from '../rights/key-policy';
import { assumedBy, logWriterStatements, policyOf } from '../rights/policy-documents';
import { resourcesOf, type WorkloadArns } from '../rights/workload-resources';

/** What {@link Functions} needs. */
export interface FunctionsArgs {
  workload: Workload;
  /** Folder of its declaration, from the repository's root. */
  folder: string;
  /** Tables and keys that the rights speak of. */
  data: WorkloadArns;
  stack: string;
  accountId: string;
  region: string;
  logRetentionDays: number;
  /** KMS key of the log groups. @default CloudWatch's own encryption */
  logKeyArn?: pulumi.Input<string>;
}

/** MiB; it waits for KMS and computes nothing, but loads the faster for it. */
const MEMORY_MIB = 256;
/** Below what a request may take with another attempt: a process waits for its function. */
const TIMEOUT_SECONDS = 5;

/** The functions that the environment asks for. */
export class Functions extends pulumi.ComponentResource {
  /** Physical names, by their names in the declaration. */
  readonly names: Readonly<Record<string, pulumi.Output<string>>>;
  /** ARNs of the same. */
  readonly arns: Readonly<Record<string, pulumi.Output<string>>>;

  constructor(name: string, args: FunctionsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Functions', name, {}, opts);
    const made = Object.entries(functionsOf(args.workload)).map(
      ([id, spec]) => [id, functionOf(`${name}-${id}-helper`, spec, args, this)] as const,
    );
    this.names = Object.fromEntries(made.map(([id, fn]) => [id, fn.name]));
    this.arns = Object.fromEntries(made.map(([id, fn]) => [id, fn.arn]));
    this.registerOutputs({ names: this.names });
  }
}

function functionOf(
  name: string,
  spec: FunctionSpec,
  args: FunctionsArgs,
  parent: pulumi.Resource,
): aws.lambda.Function {
  const logs = new aws.cloudwatch.LogGroup(
    `${name}-logs`,
    { retentionInDays: args.logRetentionDays, kmsKeyId: args.logKeyArn },
    { parent },
  );
  const role = new aws.iam.Role(
    `${name}-role`,
    { description: `${spec.purpose}.`, assumeRolePolicy: assumedBy('lambda.amazonaws.com') },
    { parent },
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-policy`,
    {
      role: role.id,
      policy: pulumi
        .all([resourcesOf(args.workload, args.data, args), logs.arn])
        .apply(([resources, logsArn]) =>
          policyOf([...spec.rights(resources), ...logWriterStatements([logsArn])]),
        ),
    },
    { parent },
  );
  return new aws.lambda.Function(
    name,
    {
      description: `${spec.purpose}.`,
      role: role.arn,
      runtime: aws.lambda.Runtime.NodeJS24dX,
      architectures: ['arm64'],
      handler: 'index.handler',
      code: new pulumi.asset.AssetArchive({
        'index.js': new pulumi.asset.StringAsset(bundleFunction(args.folder, spec.entry)),
      }),
      memorySize: MEMORY_MIB,
      timeout: TIMEOUT_SECONDS,
      environment: {
        variables: {
          [FUNCTION_ENV.stack]: args.stack,
          [FUNCTION_ENV.keyPolicy]: functionKeyPolicy(args.accountId),
        },
      },
      // What AWS would fill in is written out, or every preview would show a difference.
      packageType: 'Zip',
      ephemeralStorage: { size: 512 },
      tracingConfig: { mode: 'PassThrough' },
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
