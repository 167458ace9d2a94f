// The alarms of a stack: those that roll a deployment back, and those that call a person.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';

import type { AlarmSpec, PairSpec } from '../../dashboards/alarm-spec';
import { isMetricLine } from '../../dashboards/metric';
import type { Balanced, Objectives, StackReferences } from '../../dashboards/references';
import { alarmSpecs, pairSpecs } from '../../dashboards/alarms';
import { deploymentAlarmSpecs } from '../../dashboards/fargate';

/** Where an alarm speaks: ARNs of topics by region. */
type Topics = Record<string, pulumi.Input<string>>;

/** What {@link DeploymentAlarms} needs. */
export interface DeploymentAlarmsArgs {
  /** Home region. */
  region: string;
  /** `arnSuffix` of the load balancer and of its target groups. */
  target: Balanced<pulumi.Input<string>>;
  /** Whether a new revision has a share of the requests while the old one has the rest. */
  isJudgedAgainstOld: boolean;
  /** The thresholds are made of these. */
  objectives: Objectives;
  /** Topics by region; the home region must be among them. */
  topicArns: Topics;
  /** Address of the overview. */
  dashboardUrl: pulumi.Input<string>;
}

/** Alarms that make ECS roll a deployment back; they exist before the ECS service does. */
export class DeploymentAlarms extends pulumi.ComponentResource {
  /** Physical names, for the service's `alarms.alarmNames`. */
  readonly names: pulumi.Output<string>[];

  constructor(name: string, args: DeploymentAlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:DeploymentAlarms', name, {}, opts);
    const specs = deploymentAlarmSpecs(args.region, args.target, args.objectives, {
      isJudgedAgainstOld: args.isJudgedAgainstOld,
    });
    const suffix = suffixOf(`${name}-deploy`, this);
    const { topicArns, dashboardUrl } = args;
    const shared = { suffix, topicArns, dashboardUrl, parent: this };
    this.names = specs.map((spec) => metricAlarm(name, spec, shared).name);
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
  topicArns: Topics;
}

/** Every alarm that calls a person. */
export class Alarms extends pulumi.ComponentResource {
  /** ARNs of the alarms that call, for the dashboards. */
  readonly arns: pulumi.Output<string>[];

  /** @throws {Error} when a region with alarms has no topic. */
  constructor(name: string, args: AlarmsArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Alarms', name, {}, opts);
    const specs = alarmSpecs(args.references, args.objectives);
    const { topicArns, references } = args;
    const dashboardUrl = references.dashboardUrls.overview;
    const shared = { suffix: suffixOf(name, this), topicArns, dashboardUrl, parent: this };
    const alarms = new Map(specs.map((spec) => [spec.id, metricAlarm(name, spec, shared)]));
    const pairs = pairSpecs(args.references, args.objectives).map((pair) =>
      pairAlarm(name, pair, alarms, shared),
    );
    const calling = specs.filter((spec) => spec.calls !== false);
    this.arns = [
      ...pairs.map((pair) => pair.arn),
      ...calling.flatMap((spec) => alarms.get(spec.id)?.arn ?? []),
    ];
    this.registerOutputs({ arns: this.arns });
  }
}

/** What all alarms of a component have in common. */
interface Shared {
  readonly suffix: random.RandomId;
  readonly topicArns: Topics;
  readonly dashboardUrl: pulumi.Input<string>;
  readonly parent: pulumi.Resource;
}

function suffixOf(name: string, parent: pulumi.Resource): random.RandomId {
  return new random.RandomId(`${name}-alarm-suffix`, { byteLength: 4 }, { parent });
}

/** The stack is in the name: two stacks of one account are told apart at 3 a.m. */
function nameOf(name: string, id: string, suffix: random.RandomId): pulumi.Output<string> {
  return pulumi.interpolate`${name}-${pulumi.getStack()}-${id}-${suffix.hex}`;
}

/** What somebody who is called reads first; CloudWatch takes 1,024 characters. */
function description(
  { id, title, reason, runbook }: Pick<AlarmSpec | PairSpec, 'id' | 'title' | 'reason' | 'runbook'>,
  dashboardUrl: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi.interpolate`Stack ${pulumi.getStack()}: ${title} ${reason}
First: ${runbook.look[0] ?? ''}
Runbook: docs/runbook.md#${id}
Dashboard: ${dashboardUrl}`;
}

function metricAlarm(
  name: string,
  spec: AlarmSpec<pulumi.Input<string>>,
  shared: Shared,
): aws.cloudwatch.MetricAlarm {
  const topic = topicIn(spec.region, shared.topicArns);
  const actions = spec.calls === false ? [] : [topic];
  return new aws.cloudwatch.MetricAlarm(
    `${name}-${spec.id}`,
    {
      region: spec.region,
      name: nameOf(name, spec.id, shared.suffix),
      alarmDescription: description(spec, shared.dashboardUrl),
      ...measured(spec),
      threshold: spec.threshold,
      comparisonOperator:
        spec.comparison === 'above' ? 'GreaterThanThreshold' : 'LessThanThreshold',
      evaluationPeriods: spec.dataPoints.of,
      datapointsToAlarm: spec.dataPoints.breaching,
      // No data is no traffic and no harm, except where something ought to be there.
      treatMissingData: spec.comparison === 'above' ? 'notBreaching' : 'breaching',
      actionsEnabled: true,
      alarmActions: actions,
      okActions: actions,
    },
    { parent: shared.parent },
  );
}

/** A single metric in the plain form, which costs a third of an alarm on metric math. */
function measured(spec: AlarmSpec<pulumi.Input<string>>): Partial<aws.cloudwatch.MetricAlarmArgs> {
  const [only] = spec.lines;
  if (spec.lines.length === 1 && only !== undefined && isMetricLine(only)) {
    const { metric } = only;
    return {
      namespace: metric.namespace,
      metricName: metric.name,
      dimensions: metric.dimensions,
      statistic: metric.stat,
      period: spec.periodSeconds,
    };
  }
  return {
    metricQueries: spec.lines.map((line, index) => ({
      id: line.id ?? `line${index}`,
      label: line.label,
      returnData: line.hidden !== true,
      ...(isMetricLine(line)
        ? {
            metric: {
              namespace: line.metric.namespace,
              metricName: line.metric.name,
              dimensions: line.metric.dimensions,
              stat: line.metric.stat,
              period: spec.periodSeconds,
            },
          }
        : { expression: line.expression, period: spec.periodSeconds }),
    })),
  };
}

function pairAlarm(
  name: string,
  pair: PairSpec,
  alarms: Map<string, aws.cloudwatch.MetricAlarm>,
  shared: Shared,
): aws.cloudwatch.CompositeAlarm {
  const topic = topicIn(pair.region, shared.topicArns);
  const both = pair.both.map((id) => {
    const alarm = alarms.get(id);
    if (alarm === undefined) throw new Error(`Alarm ${pair.id} is a pair, but there is no ${id}.`);
    return alarm.name;
  });
  return new aws.cloudwatch.CompositeAlarm(
    `${name}-${pair.id}`,
    {
      region: pair.region,
      alarmName: nameOf(name, pair.id, shared.suffix),
      alarmDescription: description(pair, shared.dashboardUrl),
      alarmRule: pulumi
        .all(both)
        .apply((names) => names.map((each) => `ALARM("${each}")`).join(' AND ')),
      actionsEnabled: true,
      alarmActions: [topic],
      okActions: [topic],
    },
    { parent: shared.parent },
  );
}

function topicIn(region: string, topics: Topics): pulumi.Input<string> {
  const topic = topics[region];
  if (topic === undefined) {
    throw new Error(
      `Alarms in ${region} need a topic there: an alarm reaches none in another region.`,
    );
  }
  return topic;
}
