// Wires ECS Fargate: image, load balancer, roll-back alarms, service and scaling, for index.ts.
import type * as pulumi from '@pulumi/pulumi';
import type { StackReferences } from '../dashboards/references';
import { DeploymentAlarms } from './watch/alarms';
import { Autoscaling } from './fargate/autoscaling';
import { Container } from './fargate/service';
import { contentHash } from './fargate/content-hash';
import { NAME, type Context } from './context';
import type { EdgeArgs } from './front/distribution';
import type { Foundation } from './foundation';
import { Image } from './fargate/image';
import { LoadBalancer } from './fargate/load-balancer';
import { LOAD_BALANCER_LOG_PREFIX } from './watch/logs';
import type { Network } from './network/network';
import { policyOf } from './rights/policy-documents';
import { serviceRights, serviceSettings } from './rights/service-rights';
import { join } from 'node:path';

/** What the edge, the dashboards and the outputs need to know of it. */
export interface Compute {
  readonly origin: EdgeArgs['origin'];
  readonly references: StackReferences<pulumi.Input<string>>['compute'];
  readonly serviceLogGroup: pulumi.Output<string>;
  readonly outputs: Record<string, pulumi.Input<string>>;
}

/** What goes into the image; `service/Dockerfile.dockerignore` lets nothing else through. */
const IMAGE_SOURCES = [
  '.npmrc',
  'contracts',
  'package-lock.json',
  'package.json',
  'service',
  'tools/preflight.cjs',
];

/** ECS Fargate behind an internal load balancer. */
export function onFargate(context: Context, foundation: Foundation, network: Network): Compute {
  const { config, objectives, opts } = context;
  const image = new Image(
    NAME,
    {
      context: '.',
      dockerfile: 'service/Dockerfile',
      contentHash: contentHash(join(__dirname, '..'), IMAGE_SOURCES),
      kmsKeyArn: foundation.data.tablesKey.arn,
      ownImage: config.source.kind === 'image' ? config.source.image : undefined,
      mirrorCollector: config.egress === 'endpoints',
      forceDelete: !config.protect,
    },
    opts,
  );
  const balancer = new LoadBalancer(
    NAME,
    {
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      targetPort: config.workload.port,
      healthPath: config.workload.health,
      requestTimeoutSeconds: config.requestTimeoutSeconds,
      certificateArn: foundation.originCertificateArn,
      logBucket: foundation.logs.bucketName,
      logPrefix: LOAD_BALANCER_LOG_PREFIX,
      protect: config.protect,
    },
    opts,
  );
  const target = { loadBalancer: balancer.arnSuffix, targetGroup: balancer.targetGroupArnSuffix };
  const alarms = new DeploymentAlarms(
    NAME,
    {
      region: config.region,
      target,
      objectives: objectives,
      topicArns: foundation.topicArns,
    },
    opts,
  );
  const container = containerOf(context, foundation, network, { image, balancer, alarms });
  const { clusterName, serviceName } = container;
  new Autoscaling(
    NAME,
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
  context: Context,
  foundation: Foundation,
  network: Network,
  parts: { image: Image; balancer: LoadBalancer; alarms: DeploymentAlarms },
): Container {
  const { config, opts } = context;
  const { data, originSecret, logKeyArns } = foundation;
  const { image, balancer, alarms } = parts;
  const logKeyArn = logKeyArns[config.region];
  return new Container(
    NAME,
    {
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      egressTargets: network.egressTargets,
      loadBalancerGroupId: balancer.securityGroupId,
      targetGroupArn: balancer.targetGroupArn,
      listener: balancer.listener,
      repositoryArns: image.repositoryArns,
      task: {
        ...serviceSettings(context, data),
        image: image.service,
        collectorImage: image.collector,
        isShippedImage: config.source.kind === 'service',
        healthPath: config.workload.health,
        originSecretArn: originSecret.arn,
        stopTimeoutSeconds: config.requestTimeoutSeconds + 15,
      },
      policy: serviceRights(context, data).apply(policyOf),
      secretKeyArn: data.tablesKey.arn,
      region: config.region,
      cpu: config.cpu,
      memory: config.memory,
      desiredCount: config.minTasks,
      logRetentionDays: config.logRetentionDays,
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
      rollbackAlarms: alarms.names,
    },
    opts,
  );
}
