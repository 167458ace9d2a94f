// What runs the workload, whichever way: the shape that each way offers, and what the rest needs of it.
import type * as pulumi from '@pulumi/pulumi';
import type { StackReferences } from '../dashboards/references';
import type { Context } from './context';
import type { Foundation } from './foundation';
import type { EdgeArgs } from './front/distribution';
import type { Network } from './network/network';

/** A way to run the workload. */
export interface ComputeKind {
  /**
   * Services that are called from inside the VPC and have no gateway endpoint; without a way to the
   * internet each needs an interface endpoint.
   */
  readonly endpointServices: readonly string[];
  /** Makes all that it takes. */
  readonly run: (context: Context, foundation: Foundation, network: Network) => Promise<Compute>;
}

/** What the edge, the dashboards and the outputs need to know of it. */
export interface Compute {
  readonly origin: EdgeArgs['origin'];
  readonly references: StackReferences<pulumi.Input<string>>['compute'];
  readonly serviceLogGroup: pulumi.Output<string>;
  /** Of the API in front of a function; a load balancer logs into the bucket. */
  readonly apiLogGroup?: pulumi.Output<string>;
  readonly outputs: Record<string, pulumi.Input<string>>;
}
