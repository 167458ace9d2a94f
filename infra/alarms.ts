// Alarms, and the topic that they speak to.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** What {@link DeploymentAlarms} needs. */
export interface DeploymentAlarmsArgs {
  /** `arnSuffix` of the load balancer. */
  loadBalancer: pulumi.Input<string>;
  /** `arnSuffix` of the target group. */
  targetGroup: pulumi.Input<string>;
}

/** Alarms that make ECS roll a deployment back; they exist before the ECS service does. */
export class DeploymentAlarms extends pulumi.ComponentResource {
  /** Physical names, for the service's `alarms.alarmNames`. */
  readonly names: pulumi.Output<string>[];

  constructor(name: string, args: DeploymentAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:DeploymentAlarms', name, {}, opts);
    const alarm = new aws.cloudwatch.MetricAlarm(
      `${name}-deploy-5xx`,
      {
        alarmDescription: 'Answers 5xx of the tasks: a deployment in progress is rolled back.',
        namespace: 'AWS/ApplicationELB',
        metricName: 'HTTPCode_Target_5XX_Count',
        dimensions: { LoadBalancer: args.loadBalancer, TargetGroup: args.targetGroup },
        statistic: 'Sum',
        period: 60,
        evaluationPeriods: 2,
        threshold: 10,
        comparisonOperator: 'GreaterThanThreshold',
        treatMissingData: 'notBreaching',
      },
      { parent: this },
    );
    this.names = [alarm.name];
    this.registerOutputs({ names: this.names });
  }
}
