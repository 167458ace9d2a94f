// The CloudWatch dashboards of a stack, drawn by the pure functions of dashboards/.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

import { edgeDashboard } from '../../dashboards/edge-page';
import { overviewDashboard } from '../../dashboards/overview-page';
import type { DashboardPage, Objectives, StackReferences } from '../../dashboards/references';
import type { DashboardNames } from './dashboard-names';
import { scalingDashboard } from '../../dashboards/scaling-page';
import { serviceDashboard } from '../../dashboards/service-page';

/** What {@link Dashboards} needs. */
export interface DashboardsArgs {
  /** The stack's resources, by physical name. */
  references: StackReferences<pulumi.Input<string>>;
  /** What is measured is measured against these. */
  objectives: Objectives;
  /** Physical names by page. */
  names: DashboardNames['names'];
  /** ARNs of the alarms that the overview shows. @default none */
  alarmArns?: pulumi.Input<string>[];
}

/** All dashboards of a stack, in its home region. */
export class Dashboards extends pulumi.ComponentResource {
  constructor(name: string, args: DashboardsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Dashboards', name, {}, opts);
    const { objectives } = args;
    const references = pulumi.output(args.references) as pulumi.Output<StackReferences>;
    const bodies: Record<DashboardPage, pulumi.Output<string>> = {
      overview: pulumi
        .all([references, pulumi.all(args.alarmArns ?? [])])
        .apply(([refs, alarmArns]) => overviewDashboard(refs, { objectives, alarmArns })),
      service: references.apply((refs) => serviceDashboard(refs, objectives)),
      edge: references.apply(edgeDashboard),
      scaling: references.apply((refs) => scalingDashboard(refs, objectives)),
    };
    for (const page of Object.keys(bodies) as DashboardPage[]) {
      new aws.cloudwatch.Dashboard(
        `${name}-${page}`,
        { dashboardName: args.names[page], dashboardBody: bodies[page] },
        { parent: this },
      );
    }
    this.registerOutputs({});
  }
}
