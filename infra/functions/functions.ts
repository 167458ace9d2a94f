// Functions of the workload's own: each on Lambda, in a role of its own, called by the process alone.
import type * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { FUNCTION_ENV } from '../../contracts/env';
import { functionsOf, type FunctionSpec, type Workload } from '../../contracts/workload';
import { bundleFunction } from '../../service/bundle';
import { functionKeyPolicy } from '../rights/key-policy';
import { resourcesOf, type WorkloadArns } from '../rights/workload-resources';
import { smallFunction, type SmallFunctionLogs } from './small-function';

/** What {@link Functions} needs. */
export interface FunctionsArgs extends SmallFunctionLogs {
  workload: Workload;
  /** Folder of its declaration, from the repository's root. */
  folder: string;
  /** Tables and keys that the rights speak of. */
  data: WorkloadArns;
  stack: string;
  accountId: string;
  region: string;
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
  return smallFunction(
    name,
    {
      description: `${spec.purpose}.`,
      code: bundleFunction(args.folder, spec.entry),
      rights: resourcesOf(args.workload, args.data, args).apply(spec.rights),
      environment: {
        [FUNCTION_ENV.stack]: args.stack,
        [FUNCTION_ENV.keyPolicy]: functionKeyPolicy(args.accountId),
      },
      memoryMib: MEMORY_MIB,
      timeoutSeconds: TIMEOUT_SECONDS,
      traced: false,
    },
    args,
    parent,
  );
}
