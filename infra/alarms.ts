// The alarms of a stack: those that roll a deployment back, and those that call a person.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

import type { ContainerReferences, Objectives, StackReferences } from '../dashboards/references';

/** What {@link DeploymentAlarms} needs. */
export interface DeploymentAlarmsArgs {
  /** Home region. */
  region: string;
  /** `arnSuffix` of the load balancer and of the target group. */
  target: Pick<ContainerReferences<pulumi.Input<string>>, 'loadBalancer' | 'targetGroup'>;
  /** The thresholds are made of these. */
  objectives: Objectives;
  /** Topics by region. */
  topicArns: Record<string, pulumi.Input<string>>;
}

/** Alarms that make ECS roll a deployment back; they exist before the ECS service does. */
export class DeploymentAlarms extends pulumi.ComponentResource {
  /** Physical names, for the service's `alarms.alarmNames`. */
  readonly names: pulumi.Output<string>[];

  constructor(name: string, args: DeploymentAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:DeploymentAlarms', name, {}, opts);
    const topic = args.topicArns[args.region];
    const alarm = new aws.cloudwatch.MetricAlarm(
      `${name}-deploy-5xx`,
      {
        alarmDescription: 'Answers 5xx of the tasks: a deployment in progress is rolled back.',
        namespace: 'AWS/ApplicationELB',
        metricName: 'HTTPCode_Target_5XX_Count',
        dimensions: {
          LoadBalancer: args.target.loadBalancer,
          TargetGroup: args.target.targetGroup,
        },
        statistic: 'Sum',
        period: 60,
        evaluationPeriods: 2,
        threshold: 10,
        comparisonOperator: 'GreaterThanThreshold',
        treatMissingData: 'notBreaching',
        ...(topic === undefined ? {} : { alarmActions: [topic] }),
      },
      { parent: this },
    );
    this.names = [alarm.name];
    this.registerOutputs({ names: this.names });
  }
}

/** What {@link Alarms} needs. */
export interface AlarmsArgs {
  /** The stack's resources, by physical name. */
  references: StackReferences<pulumi.Input<string>>;
  /** The thresholds are made of these. */
  objectives: Objectives;
  /** Topics by region; the home region and us-east-1 must be among them. */
  topicArns: Record<string, pulumi.Input<string>>;
}
