// What a workload's statements are made of, once AWS has told the ARNs.
import * as pulumi from '@pulumi/pulumi';
import type { Workload, WorkloadResources } from '../../contracts/workload';

/** ARNs of a workload's tables and keys, by their names in its declaration. */
export interface WorkloadArns {
  readonly tableArns: Readonly<Record<string, pulumi.Output<string>>>;
  readonly keyArns: Readonly<Record<string, pulumi.Output<string>>>;
}

/** Where the stack is. */
export type Place = Pick<WorkloadResources, 'stack' | 'region' | 'accountId'>;

/** The resources that the rights of a process or a function are made of. */
export function resourcesOf(
  { environment }: Pick<Workload, 'environment'>,
  { tableArns, keyArns }: WorkloadArns,
  { stack, region, accountId }: Place,
): pulumi.Output<WorkloadResources> {
  return pulumi
    .all([pulumi.all(tableArns), pulumi.all(keyArns)])
    .apply(([tables, keys]) => ({ stack, region, accountId, tables, keys, environment }));
}
