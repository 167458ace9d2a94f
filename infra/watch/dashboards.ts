// The CloudWatch dashboards of a stack, drawn by the pure functions of dashboards/.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';

import { edgeDashboard } from '../../dashboards/edge';
import { overviewDashboard } from '../../dashboards/overview';
import type { Objectives, StackReferences } from '../../dashboards/references';
import { scalingDashboard } from '../../dashboards/scaling';
import { serviceDashboard } from '../../dashboards/service';

/** What {@link Dashboards} needs. */
export interface DashboardsArgs {
  /** The stack's resources, by physical name. */
  references: StackReferences<pulumi.Input<string>>;
  /** What is measured is measured against these. */
  objectives: Objectives;
  /** ARNs of the alarms that the overview shows. @default none */
  alarmArns?: pulumi.Input<string>[];
}

/** All dashboards of a stack, in its home region. */
export class Dashboards extends pulumi.ComponentResource {
  /** Addresses in the console, by dashboard: overview, service, edge, scaling. */
  readonly urls: Record<string, pulumi.Output<string>>;

  constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Dashboards', name, {}, opts);
    const { objectives } = args;
    const { region } = args.references;
    const references = pulumi.output(args.references) as pulumi.Output<StackReferences>;
    const bodies: Record<string, pulumi.Output<string>> = {
      overview: pulumi
        .all([references, pulumi.all(args.alarmArns ?? [])])
        .apply(([refs, alarmArns]) => overviewDashboard(refs, { objectives, alarmArns })),
      service: references.apply((refs) => serviceDashboard(refs, objectives)),
      edge: references.apply(edgeDashboard),
      scaling: references.apply((refs) => scalingDashboard(refs, objectives)),
    };
    // A dashboard's name is unique in an account and region, and the provider makes none up.
    const suffix = new random.RandomId(`${name}-dash-suffix`, { byteLength: 4 }, { parent: this });
    this.urls = Object.fromEntries(
      Object.entries(bodies).map(([kind, dashboardBody]) => {
        const { dashboardName } = new aws.cloudwatch.Dashboard(
          `${name}-${kind}`,
          { dashboardName: pulumi.interpolate`${name}-${kind}-${suffix.hex}`, dashboardBody },
          { parent: this },
        );
        const console = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}`;
        return [kind, pulumi.interpolate`${console}#dashboards/dashboard/${dashboardName}`];
      }),
    );
    this.registerOutputs({ urls: this.urls });
  }
}
