// The CloudWatch dashboards of a stack, drawn by the pure functions of dashboards/.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';

import { overviewDashboard } from '../dashboards/overview';
import type { Objectives, StackReferences } from '../dashboards/references';

/** What {@link Dashboards} needs. */
export interface DashboardsArgs {
  /** The stack's resources, by physical name. */
  references: StackReferences<pulumi.Input<string>>;
  /** What is measured is measured against these. */
  objectives: Objectives;
}

/** All dashboards of a stack. */
export class Dashboards extends pulumi.ComponentResource {
  /** Addresses in the console, by dashboard. */
  readonly urls: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Dashboards', name, {}, opts);
    // A dashboard's name is unique in an account and region, and the provider makes none up.
    const suffix = new random.RandomId(`${name}-dash-suffix`, { byteLength: 4 }, { parent: this });
    const references = pulumi.output(args.references) as pulumi.Output<StackReferences>;
    this.urls = {
      overview: dashboard(name, 'overview', overviewDashboard, references, args, suffix, this),
    };
    this.registerOutputs({ urls: this.urls });
  }
}

function dashboard(
  name: string,
  kind: string,
  draw: (references: StackReferences) => string,
  references: pulumi.Output<StackReferences>,
  args: DashboardsArgs,
  suffix: random.RandomId,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const resource = new aws.cloudwatch.Dashboard(
    `${name}-${kind}`,
    {
      dashboardName: pulumi.interpolate`${name}-${kind}-${suffix.hex}`,
      dashboardBody: references.apply(draw),
    },
    { parent },
  );
  return pulumi.interpolate`https://${args.references.region}.console.aws.amazon.com/cloudwatch/home?region=${args.references.region}#dashboards/dashboard/${resource.dashboardName}`;
}
