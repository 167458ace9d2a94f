// Wires ECS Fargate: image, load balancer, roll-back alarms, service and scaling, for index.ts.
import { join } from 'node:path';
import type { Compute, ComputeKind } from './compute';
import { NAME, type Context } from './context';
import { Autoscaling } from './fargate/autoscaling';
import { contentHash } from './fargate/content-hash';
import { Image } from './fargate/image';
import { LoadBalancer } from './fargate/load-balancer';
import { FargateService } from './fargate/service';
import { strategyOf, type Strategy } from './fargate/strategies';
import type { Foundation } from './foundation';
import type { Network } from './network/network';
import { environmentOf, statementsOf } from './process';
import { DeploymentAlarms } from './watch/alarms';
import { LOAD_BALANCER_LOG_PREFIX } from '../contracts/access-logs';

/** ECS Fargate behind an internal load balancer. */
export const fargate: ComputeKind = {
  endpointServices: ['ecr.api', 'ecr.dkr', 'kms', 'logs', 'secretsmanager', 'xray'],
  run: (context, foundation, network) => Promise.resolve(onFargate(context, foundation, network)),
};

/**
 * What goes into any image that is built here, besides the folder of its service;
 * `service/Dockerfile.dockerignore` lets nothing else through.
 */
const IMAGE_SOURCES = [
  '.npmrc',
  'contracts',
  'package-lock.json',
  'package.json',
  'service',
  'tools/preflight.cjs',
];

function onFargate(context: Context, foundation: Foundation, network: Network): Compute {
  const { config, objectives, opts } = context;
  const { workload } = config;
  const image = imageOf(context, foundation);
  const strategy = strategyOf({
    deployment: config.deployment,
    canaryPercent: config.canaryPercent,
    canaryMinutes: config.canaryMinutes,
    bakeMinutes: config.bakeMinutes,
  });
  const balancer = new LoadBalancer(
    NAME,
    {
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      targetPort: workload.port,
      healthPath: workload.health,
      requestTimeoutSeconds: config.requestTimeoutSeconds,
      certificateArn: foundation.originCertificateArn,
      logBucket: foundation.logs.bucketName,
      logPrefix: LOAD_BALANCER_LOG_PREFIX,
      protect: config.protect,
      shiftsRequests: strategy.shiftsRequests,
    },
    opts,
  );
  const target = {
    loadBalancer: balancer.arnSuffix,
    targetGroup: balancer.targetGroupArnSuffix,
    ...(balancer.shift === undefined
      ? {}
      : { alternateTargetGroup: balancer.shift.alternate.arnSuffix }),
  };
  const alarms = new DeploymentAlarms(
    NAME,
    {
      region: config.region,
      target,
      isJudgedAgainstOld: strategy.isJudgedAgainstOld,
      objectives,
      topicArns: foundation.topicArns,
      dashboardUrl: foundation.dashboards.urls.overview,
    },
    opts,
  );
  const service = serviceOf(context, foundation, network, {
    ...{ image, balancer, alarms, strategy },
  });
  const { clusterName, serviceName } = service;
  new Autoscaling(
    NAME,
    {
      clusterName,
      serviceName,
      loadBalancer: balancer.arnSuffix,
      ...(strategy.shiftsRequests ? {} : { targetGroup: balancer.targetGroupArnSuffix }),
      minTasks: config.minTasks,
      maxTasks: config.maxTasks,
      targetMs: config.targetResponseMs,
      statistic: config.responseStatistic,
      requestsPerTaskPerMinute: config.requestsPerTaskPerMinute,
      taskCount: config.scalingTaskCount,
      scaleOutCooldownSeconds: config.scaleOutCooldownSeconds,
      scaleInCooldownSeconds: config.scaleInCooldownSeconds,
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
      kind: 'fargate',
      ...target,
      cluster: clusterName,
      service: serviceName,
      minTasks: config.minTasks,
      maxTasks: config.maxTasks,
      cpu: config.cpu,
      memory: config.memory,
      hasContainerInsights: config.containerInsights !== 'disabled',
      responseStatistic: config.responseStatistic,
      requestsPerTaskPerMinute: config.requestsPerTaskPerMinute,
    },
    serviceLogGroup: service.logGroupName,
    outputs: {
      cluster: clusterName,
      service: serviceName,
      taskDefinition: service.taskDefinitionArn,
    },
  };
}

function imageOf({ config, opts }: Context, { data }: Foundation): Image {
  const { source } = config;
  return new Image(
    NAME,
    {
      service:
        source.kind === 'image'
          ? source
          : {
              kind: 'build',
              context: '.',
              dockerfile: 'service/Dockerfile',
              buildArgs: { SERVICE: source.folder },
              contentHash: contentHash(join(__dirname, '..'), [
                ...new Set([...IMAGE_SOURCES, source.folder]),
              ]),
            },
      kmsKeyArn: data.tablesKey.arn,
      mirrorCollector: config.egress === 'endpoints',
      forceDelete: !config.protect,
    },
    opts,
  );
}

function serviceOf(
  context: Context,
  foundation: Foundation,
  network: Network,
  parts: { image: Image; balancer: LoadBalancer; alarms: DeploymentAlarms; strategy: Strategy },
): FargateService {
  const { config, stack, opts } = context;
  const { workload, source } = config;
  const { data, originSecret, logKeyArns } = foundation;
  const { image, balancer, alarms, strategy } = parts;
  const logKeyArn = logKeyArns[config.region];
  return new FargateService(
    NAME,
    {
      vpcId: network.vpcId,
      subnetIds: network.privateSubnetIds,
      egressTargets: network.egressTargets,
      loadBalancerGroupId: balancer.securityGroupId,
      targetGroupArn: balancer.targetGroupArn,
      listener: balancer.listener,
      shift: balancer.shift,
      strategy,
      repositoryArns: image.repositoryArns,
      task: {
        stack,
        region: config.region,
        image: image.service,
        collectorImage: image.collector,
        isBuiltHere: source.kind === 'service',
        port: workload.port,
        healthPath: workload.health,
        environment: environmentOf(context, foundation),
        stopTimeoutSeconds: config.requestTimeoutSeconds + 15,
      },
      secrets: workload.secrets,
      originSecretArns: originSecret.arns,
      secretKeyArn: data.tablesKey.arn,
      statements: statementsOf(context, foundation),
      cpu: config.cpu,
      memory: config.memory,
      containerInsights: config.containerInsights,
      desiredCount: config.minTasks,
      logRetentionDays: config.logRetentionDays,
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
      rollbackAlarms: alarms.names,
    },
    opts,
  );
}
