// The platform: configuration in, components wired, outputs out.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { keyEnvironment } from '../contracts/api-key';
import { bundleEdge } from '../edge/bundle';
import { AlarmTopics } from './alarm-topics';
import { Alarms } from './alarms';
import { Certificate } from './certificate';
import { onFargate, TASK_ENDPOINTS } from './compute';
import { readConfig } from './config';
import { Dashboards } from './dashboards';
import { Data } from './data';
import { Edge } from './edge';
import { EdgeFunction } from './edge-function';
import { AccessLogs, LogBucket } from './logs';
import { Network } from './network';
import { OriginSecret } from './origin-secret';
import { TelemetryKeys } from './telemetry-keys';
import { Waf } from './waf';
import { chooseZones } from './zones';

/** Short, because load balancers and target groups have 32 characters with Pulumi's suffix. */
const NAME = 'gh';
/** Where CloudFront's companions live: certificate, web ACL, edge function, its metrics. */
const GLOBAL = 'us-east-1';

/** The Pulumi program; the CLI and the recorder call it once a stack. */
async function gatehouse(): Promise<Record<string, unknown>> {
  const config = readConfig();
  const stack = pulumi.getStack();
  const { region, protect, logRetentionDays, domain, replicaRegions } = config;
  const provider = new aws.Provider('aws', {
    region: region as aws.Region,
    ...(config.profile === undefined ? {} : { profile: config.profile }),
    defaultTags: { tags: { 'gatehouse:stack': stack } },
  });
  const opts = { providers: [provider] };
  const { accountId } = await aws.getCallerIdentity({}, { provider });
  const zones = await aws.getAvailabilityZones({ state: 'available' }, { provider });
  const objectives = {
    availabilityPercent: config.availabilityObjective,
    latencyPercent: config.latencyObjective,
    latencyMs: config.targetResponseMs,
  };

  const edgeRegions = [...new Set([region, GLOBAL, ...replicaRegions, ...config.edgeLogRegions])];
  const keys = new TelemetryKeys(
    NAME,
    { accountId, homeRegion: region, regions: edgeRegions },
    opts,
  );
  const topics = new AlarmTopics(
    NAME,
    { accountId, regions: edgeRegions, keyArns: keys.arns, ...emailOf(config.alarmEmail) },
    opts,
  );
  const logs = new LogBucket(
    NAME,
    { accountId, retentionDays: logRetentionDays, forceDestroy: !protect },
    opts,
  );
  const data = new Data(NAME, { accountId, protect, region, replicaRegions }, opts);
  const originSecret = new OriginSecret(NAME, { kmsKeyArn: data.tablesKey.arn, protect }, opts);
  const zoneId = aws.route53.getZoneOutput({ name: config.hostedZone ?? '' }, { provider }).zoneId;
  const certificate =
    domain === undefined
      ? undefined
      : new Certificate(NAME, { domainName: domain, zoneId, regions: [GLOBAL, region] }, opts);

  const network = new Network(
    NAME,
    {
      cidrBlock: config.vpcCidr,
      zoneNames: chooseZones(zones, config.zones, region),
      region,
      egress: config.egress,
      endpointServices: TASK_ENDPOINTS,
      logRetentionDays,
      logKeyArn: keys.arns[region],
    },
    opts,
  );
  const compute = onFargate(
    NAME,
    {
      config,
      stack,
      accountId,
      network,
      data,
      originSecret,
      logBucket: logs.bucketName,
      logKeyArn: keys.arns[region],
      certificateArn: certificate?.arns[region],
      objectives,
      topicArns: topics.arns,
    },
    opts,
  );

  const edgeFunction = new EdgeFunction(
    NAME,
    {
      code: data.keysTable.name.apply((keysTable) =>
        bundleEdge({
          stack,
          environment: keyEnvironment(stack),
          keysTable,
          regions: [region, ...replicaRegions],
          cacheSeconds: config.edgeCacheSeconds,
          negativeCacheSeconds: config.edgeCacheSeconds,
          graceSeconds: config.edgeGraceSeconds,
          lookupTimeoutMs: config.edgeLookupTimeoutMs,
        }),
      ),
      keysTableArns: data.keysTableArns,
      tableKeyArns: data.tableKeyArns,
      logRegions: edgeRegions,
      logRetentionDays,
      logKeyArns: keys.arns,
    },
    opts,
  );
  const waf = new Waf(
    NAME,
    {
      rateLimitPerIp: config.rateLimitPerIp,
      rateLimitPerKey: config.rateLimitPerKey,
      blockAnonymousIps: config.blockAnonymousIps,
      allowedCidrs: config.allowedCidrs,
      serviceBodyLimitBytes: config.bodyLimitBytes,
      logRetentionDays,
      logKeyArn: keys.arns[GLOBAL],
    },
    opts,
  );
  const edge = new Edge(
    NAME,
    {
      origin: compute.origin,
      originSecret: originSecret.value,
      edgeFunctionArn: edgeFunction.qualifiedArn,
      webAclArn: waf.webAclArn,
      ...(certificate === undefined || domain === undefined
        ? {}
        : { domain: { name: domain, zoneId, certificateArn: certificate.arns[GLOBAL] ?? '' } }),
      protect,
    },
    opts,
  );
  new AccessLogs(NAME, { distributionArn: edge.distributionArn, bucketArn: logs.bucketArn }, opts);

  const references = {
    stack,
    region,
    edgeRegions,
    replicaRegions,
    distributionId: edge.distributionId,
    edgeFunctionName: edgeFunction.functionName,
    webAclMetricName: waf.metricName,
    webAclRules: waf.ruleNames,
    usersTable: data.usersTable.name,
    keysTable: data.keysTable.name,
    credentialsKeyArn: data.credentialsKey.arn,
    serviceLogGroup: compute.serviceLogGroup,
    compute: compute.references,
  };
  const alarms = new Alarms(NAME, { references, objectives, topicArns: topics.arns }, opts);
  const dashboards = new Dashboards(
    NAME,
    { references, objectives, alarmArns: alarms.arns },
    opts,
  );

  return {
    url: edge.url,
    region,
    usersTable: data.usersTable.name,
    keysTable: data.keysTable.name,
    dashboardUrl: dashboards.urls.overview,
  };
}

function emailOf(email: string | undefined): { email?: string } {
  return email === undefined ? {} : { email };
}

export = gatehouse;
