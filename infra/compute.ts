// What runs the service: wires the components of ECS Fargate, or those of Lambda, for index.ts.
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import type { Objectives, StackReferences } from '../dashboards/references';
import { DeploymentAlarms } from './alarms';
import { Autoscaling } from './autoscaling';
import type { Config } from './config';
import { Container } from './container';
import { contentHash } from './content-hash';
import type { Data } from './data';
import type { EdgeArgs } from './edge';
import { Image } from './image';
import { LoadBalancer } from './load-balancer';
import { LOAD_BALANCER_LOG_PREFIX } from './logs';
import type { Network } from './network';
import type { OriginSecret } from './origin-secret';
import { policyOf } from './policy-documents';
import { serviceStatements } from './service-policy';

/** What both kinds of compute are made from. */
export interface ComputeParts {
  readonly config: Config;
  readonly stack: string;
  readonly accountId: string;
  readonly network: Network;
  readonly data: Data;
  readonly originSecret: OriginSecret;
  readonly logBucket: pulumi.Input<string>;
  readonly logKeyArn: pulumi.Input<string> | undefined;
  /** Certificate of the own domain in the home region. */
  readonly certificateArn: pulumi.Input<string> | undefined;
  readonly objectives: Objectives;
  /** Topics of alarms by region. */
  readonly topicArns: Record<string, pulumi.Input<string>>;
}

/** What the edge, the dashboards and the outputs need to know of it. */
export interface Compute {
  readonly origin: EdgeArgs['origin'];
  readonly references: StackReferences<pulumi.Input<string>>['compute'];
  readonly serviceLogGroup: pulumi.Output<string>;
  readonly outputs: Record<string, pulumi.Input<string>>;
}

/** The repository's root: what the Dockerfile copies from. */
const CONTEXT = join(__dirname, '..');
/** What goes into the image; `service/Dockerfile.dockerignore` lets nothing else through. */
const IMAGE_SOURCES = [
  '.npmrc',
  'contracts',
  'package-lock.json',
  'package.json',
  'service',
  'tools/preflight.cjs',
];

/** Services that tasks call and that have no gateway endpoint, for `egress: endpoints`. */
export const TASK_ENDPOINTS = ['ecr.api', 'ecr.dkr', 'kms', 'logs', 'secretsmanager', 'xray'];

/** ECS Fargate behind an internal load balancer. */
export function onFargate(
  name: string,
  parts: ComputeParts,
  opts: pulumi.ComponentResourceOptions,
): Compute {
  const { config, network } = parts;
  const image = new Image(
    name,
    {
      context: CONTEXT,
      dockerfile: join(CONTEXT, 'service', 'Dockerfile'),
      contentHash: contentHash(CONTEXT, IMAGE_SOURCES),
      ownImage: config.image,
      mirrorCollector: config.egress === 'endpoints',
      forceDelete: !config.protect,
    },
    opts,
  );
  const balancer = new LoadBalancer(
    name,
    {
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      targetPort: config.containerPort,
      healthPath: config.healthPath,
      requestTimeoutSeconds: config.requestTimeoutSeconds,
      certificateArn: parts.certificateArn,
      logBucket: parts.logBucket,
      logPrefix: LOAD_BALANCER_LOG_PREFIX,
      protect: config.protect,
    },
    opts,
  );
  const target = { loadBalancer: balancer.arnSuffix, targetGroup: balancer.targetGroupArnSuffix };
  const alarms = new DeploymentAlarms(
    name,
    {
      region: config.region,
      target,
      objectives: parts.objectives,
      topicArns: parts.topicArns,
    },
    opts,
  );
  const container = containerOf(name, parts, image, balancer, alarms, opts);
  const { clusterName, serviceName } = container;
  new Autoscaling(
    name,
    {
      clusterName,
      serviceName,
      ...target,
      minTasks: config.minTasks,
      maxTasks: config.maxTasks,
      targetMs: config.targetResponseMs,
      statistic: config.responseStatistic,
      requestsPerTaskPerMinute: config.requestsPerTaskPerMinute,
    },
    opts,
  );
  return {
    origin: {
      kind: 'load-balancer',
      loadBalancerArn: balancer.arn,
      domainName: balancer.dnsName,
      protocol: balancer.protocol,
      port: balancer.port,
      vpcId: network.vpcId,
      securityGroupId: balancer.securityGroupId,
    },
    references: {
      kind: 'container',
      ...target,
      cluster: clusterName,
      service: serviceName,
      minTasks: config.minTasks,
      maxTasks: config.maxTasks,
      cpu: config.cpu,
      memory: config.memory,
    },
    serviceLogGroup: container.logGroupNames.service,
    outputs: {
      cluster: clusterName,
      service: serviceName,
      taskDefinition: container.taskDefinitionArn,
    },
  };
}

function containerOf(
  name: string,
  parts: ComputeParts,
  image: Image,
  balancer: LoadBalancer,
  alarms: DeploymentAlarms,
  opts: pulumi.ComponentResourceOptions,
): Container {
  const { config, network, data, originSecret } = parts;
  return new Container(
    name,
    {
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      egressTargets: network.egressTargets,
      loadBalancerGroupId: balancer.securityGroupId,
      targetGroupArn: balancer.targetGroupArn,
      listener: balancer.listener,
      repositoryArn: image.repositoryArn,
      task: {
        ...serviceSettings(parts),
        image: image.service,
        collectorImage: image.collector,
        isShippedImage: config.image === undefined,
        healthPath: config.healthPath,
        originSecretArn: originSecret.arn,
        stopTimeoutSeconds: config.requestTimeoutSeconds + 15,
      },
      policy: servicePolicy(parts),
      secretKeyArn: data.tablesKey.arn,
      region: config.region,
      cpu: config.cpu,
      memory: config.memory,
      desiredCount: config.minTasks,
      logRetentionDays: config.logRetentionDays,
      logKeyArn: parts.logKeyArn,
      rollbackAlarms: alarms.names,
    },
    opts,
  );
}

/** What the service is told, wherever it runs. */
function serviceSettings({ config, stack, data }: ComputeParts) {
  return {
    stack,
    region: config.region,
    port: config.containerPort,
    usersTable: data.usersTable.name,
    credentialsKeyArn: data.credentialsKey.arn,
    credentialKeys: config.credentialKeys,
    logLevel: config.logLevel,
    bodyLimitBytes: config.bodyLimitBytes,
    requestTimeoutSeconds: config.requestTimeoutSeconds,
    traceSampling: config.traceSampling,
  };
}

function servicePolicy({ config, stack, accountId, data }: ComputeParts): pulumi.Output<string> {
  return pulumi
    .all([data.usersTable.arn, data.tablesKey.arn, data.credentialsKey.arn])
    .apply(([usersTableArn, tablesKeyArn, credentialsKeyArn]) =>
      policyOf(
        serviceStatements({
          usersTableArn,
          tablesKeyArn,
          credentialsKeyArn,
          credentialKeys: config.credentialKeys,
          region: config.region,
          accountId,
          stack,
        }),
      ),
    );
}
