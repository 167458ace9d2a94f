// The workload on ECS Fargate: cluster, task definition, roles, groups, and a deployment that rolls back.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Statement } from '../../contracts/workload';
import type { EgressTarget } from '../rights/egress';
import { originSecretVariables } from '../rights/origin-secret';
import type { TrafficShift } from './load-balancer';
import { balancing } from './service-balancing';
import type { Strategy } from './strategies';
import { containerDefinitions, type TaskSettings } from './task-definition';
import { taskGroup } from './task-group';
import { executionPolicy, roleOf, taskPolicy, type Role } from './task-roles';

type Outputs<T> = { [K in keyof T]: pulumi.Input<T[K]> };

/** What {@link FargateService} needs. */
export interface FargateServiceArgs {
  vpcId: pulumi.Input<string>;
  /** Private subnets, one a zone. */
  subnetIds: pulumi.Input<string[]>;
  /** What tasks may reach by HTTPS. */
  egressTargets: readonly EgressTarget[];
  /** Group of the load balancer: the only one that may reach a task. */
  loadBalancerGroupId: pulumi.Input<string>;
  targetGroupArn: pulumi.Input<string>;
  /** Tasks cannot register before a listener uses their target group. */
  listener: aws.lb.Listener;
  /** What ECS shifts requests by, where two revisions serve side by side. */
  shift: TrafficShift | undefined;
  /** How a new revision comes up. */
  strategy: Strategy;
  /** ARNs of the private repositories that tasks pull from. */
  repositoryArns: pulumi.Input<string>[];
  /** What the containers are made of, but for log groups and secrets, which are added here. */
  task: Outputs<Omit<TaskSettings, LogGroupSetting | 'environment' | 'secrets' | 'port'>> & {
    readonly port: number;
    /** Variables of the process, in clear. */
    readonly environment: Record<string, pulumi.Input<string>>;
  };
  /** ARNs of the secrets that the workload names, by variable. */
  secrets: Readonly<Record<string, string>>;
  /** Secret by which the process knows the edge. */
  originSecretArns: pulumi.Input<string>[];
  /** Rights of the role that the process runs under. */
  statements: pulumi.Input<Statement[]>;
  /** Key that the origin secret is encrypted with. */
  secretKeyArn: pulumi.Input<string>;
  /** CPU units and MiB of a task: a pair that Fargate offers. */
  cpu: number;
  memory: number;
  /** Level of Container Insights, or `disabled`. */
  containerInsights: string;
  /** Tasks at the first deployment; autoscaling has the number from then on. */
  desiredCount: number;
  logRetentionDays: number;
  /** KMS key of the log groups. @default CloudWatch's own encryption */
  logKeyArn?: pulumi.Input<string>;
  /** Names of the alarms that roll a deployment back. */
  rollbackAlarms: pulumi.Input<string>[];
}

/** Steady state outlasts the default of 10 to 20 minutes (pulumi-awsx#354). */
const STEADY_MINUTES = 30;

type LogGroupSetting = 'serviceLogGroup' | 'collectorLogGroup' | 'metricsLogGroup';

interface LogGroups {
  readonly service: aws.cloudwatch.LogGroup;
  readonly collector: aws.cloudwatch.LogGroup;
  readonly metrics: aws.cloudwatch.LogGroup;
}

/** The ECS service and everything that only it needs. */
export class FargateService extends pulumi.ComponentResource {
  readonly clusterName: pulumi.Output<string>;
  readonly serviceName: pulumi.Output<string>;
  /** Name of the log group of the process. */
  readonly logGroupName: pulumi.Output<string>;
  /** Task definition that this program asked for; ECS may have rolled back to another. */
  readonly taskDefinitionArn: pulumi.Output<string>;

  constructor(name: string, args: FargateServiceArgs, opts?: pulumi.ComponentResourceOptions) {
    // An older name, kept: the state knows all children by it, and another would replace them.
    super('gatehouse:infra:Container', name, {}, opts);
    const logs = logGroups(name, args, this);
    const cluster = clusterOf(name, args.containerInsights, this);
    const taskRole = roleOf(
      name,
      'task',
      'The service itself.',
      taskPolicy(args.statements, logs.metrics.arn),
      this,
    );
    const executionRole = roleOf(
      name,
      'exec',
      'Pulls images, reads secrets and writes logs, before the service runs.',
      executionPolicy({
        originSecretArns: args.originSecretArns,
        secretKeyArn: args.secretKeyArn,
        secretArns: Object.values(args.secrets),
        repositoryArns: args.repositoryArns,
        logGroupArns: [logs.service.arn, logs.collector.arn],
      }),
      this,
    );
    const definition = taskDefinition(name, cluster, taskRole, executionRole, logs, args, this);
    const group = taskGroup(name, { ...args, port: args.task.port }, this);
    const service = serviceOf(
      name,
      cluster,
      definition,
      group,
      args,
      [taskRole, executionRole],
      this,
    );
    this.clusterName = cluster.name;
    this.serviceName = service.name;
    this.logGroupName = logs.service.name;
    this.taskDefinitionArn = definition.arn;
    this.registerOutputs({ clusterName: this.clusterName, serviceName: this.serviceName });
  }
}

function logGroups(name: string, args: FargateServiceArgs, parent: pulumi.Resource): LogGroups {
  const group = (suffix: string): aws.cloudwatch.LogGroup =>
    new aws.cloudwatch.LogGroup(
      `${name}-${suffix}`,
      { retentionInDays: args.logRetentionDays, kmsKeyId: args.logKeyArn },
      { parent },
    );
  return {
    service: group('service-logs'),
    collector: group('collector-logs'),
    metrics: group('service-metrics'),
  };
}

function clusterOf(
  name: string,
  containerInsights: string,
  parent: pulumi.Resource,
): aws.ecs.Cluster {
  return new aws.ecs.Cluster(
    `${name}-cluster`,
    { settings: [{ name: 'containerInsights', value: containerInsights }] },
    { parent },
  );
}

function taskDefinition(
  name: string,
  cluster: aws.ecs.Cluster,
  taskRole: Role,
  executionRole: Role,
  logs: LogGroups,
  args: FargateServiceArgs,
  parent: pulumi.Resource,
): aws.ecs.TaskDefinition {
  const secrets: Record<string, pulumi.Input<string>> = {
    ...args.secrets,
    ...originSecretVariables(args.originSecretArns),
  };
  const settings: pulumi.Output<TaskSettings> = pulumi.output({
    ...args.task,
    secrets,
    serviceLogGroup: logs.service.name,
    collectorLogGroup: logs.collector.name,
    metricsLogGroup: logs.metrics.name,
  });
  return new aws.ecs.TaskDefinition(
    `${name}-task`,
    {
      // AWS makes no family up; the cluster's name is one that nobody else has.
      family: cluster.name,
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: String(args.cpu),
      memory: String(args.memory),
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
      taskRoleArn: taskRole.arn,
      executionRoleArn: executionRole.arn,
      containerDefinitions: settings.apply(containerDefinitions),
    },
    { parent },
  );
}

function serviceOf(
  name: string,
  cluster: aws.ecs.Cluster,
  definition: aws.ecs.TaskDefinition,
  group: aws.ec2.SecurityGroup,
  args: FargateServiceArgs,
  roles: Role[],
  parent: pulumi.Resource,
): aws.ecs.Service {
  const { balancer, needs } = balancing(name, { ...args, port: args.task.port }, parent);
  const { strategy } = args;
  // The circuit breaker is for rolling deployments alone: elsewhere a revision that does not come
  // up gets no requests, and alarms, or Ctrl-C, end it.
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_DeploymentCircuitBreaker.html
  const breaks = !strategy.shiftsRequests;
  const timeout = `${STEADY_MINUTES + strategy.waitsMinutes}m`;
  return new aws.ecs.Service(
    `${name}-service`,
    {
      cluster: cluster.arn,
      taskDefinition: definition.arn,
      launchType: 'FARGATE',
      platformVersion: 'LATEST',
      desiredCount: args.desiredCount,
      networkConfiguration: {
        subnets: args.subnetIds,
        securityGroups: [group.id],
        assignPublicIp: false,
      },
      loadBalancers: [balancer],
      deploymentConfiguration: strategy.configuration,
      healthCheckGracePeriodSeconds: 30,
      deploymentMinimumHealthyPercent: 100,
      deploymentMaximumPercent: 200,
      deploymentCircuitBreaker: { enable: breaks, rollback: breaks },
      alarms: { enable: true, rollback: true, alarmNames: args.rollbackAlarms },
      availabilityZoneRebalancing: 'ENABLED',
      enableExecuteCommand: false,
      enableEcsManagedTags: true,
      propagateTags: 'SERVICE',
      // `up` waits, and Ctrl-C during it rolls back instead of leaving half a deployment.
      waitForSteadyState: true,
      sigintRollback: true,
    },
    {
      parent,
      // "The target group does not have an associated load balancer" (aws-cdk#1160), and no task
      // starts without its roles' rights.
      dependsOn: [...needs, ...roles.map((role) => role.policy)],
      // Autoscaling owns the number; a deployment must not reset it (pulumi-aws#6264).
      ignoreChanges: ['desiredCount'],
      customTimeouts: { create: timeout, update: timeout, delete: '30m' },
    },
  );
}
