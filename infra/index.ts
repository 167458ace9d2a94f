// The platform: configuration in, components wired, outputs out.
import * as pulumi from '@pulumi/pulumi';
import { Alarms } from './watch/alarms';
import type { ComputeKind } from './compute';
import { fargate } from './on-fargate';
import { lambda } from './on-lambda';
import { readConfig, type Config } from './settings/config';
import { keyCounter } from './settings/workload';
import { contextOf, NAME, type Context } from './context';
import { Dashboards } from './watch/dashboards';
import { layFoundation, type Foundation } from './foundation';
import { KeyCheck } from './functions/key-check';
import { openFront } from './front';
import { originSecretsOf } from '../contracts/origin-secret';
import { guardEdge, guardNames } from './guards';
import { networkOf } from './network-of';

/** The ways to run the workload, by the setting that chooses one. */
const COMPUTES: Record<Config['compute'], ComputeKind> = { fargate, lambda };

/** The Pulumi program; the CLI and the recorder call it once a stack. */
async function gatehouse(): Promise<Record<string, unknown>> {
  const config = readConfig();
  for (const guard of [guardNames, guardEdge]) pulumi.runtime.registerResourceTransform(guard);
  const context = await contextOf(config);
  const { stack, objectives, opts } = context;
  const { workload } = config;

  const foundation = layFoundation(context);
  // Its code is bundled while the rest is declared.
  const keyCheck = keyCheckOf(context, foundation);
  const kind = COMPUTES[config.compute];
  const network = networkOf(context, foundation, kind.endpointServices);
  const compute = await kind.run(context, foundation, network);
  const { edge, edgeFunction, waf } = openFront(context, foundation, compute);

  const { data, topicArns, dashboards } = foundation;
  const references = {
    stack,
    region: config.region,
    edgeRegions: context.edgeRegions,
    replicaRegions: config.replicaRegions,
    distributionId: edge.distributionId,
    edgeFunctionName: edgeFunction.functionName,
    webAclMetricName: waf.metricName,
    webAclRules: waf.ruleNames,
    tables: data.tableNames,
    keysTable: data.keysTable.name,
    keys: data.keyArns,
    functions: foundation.functions.names,
    serviceLogGroup: compute.serviceLogGroup,
    traceSampling: config.traceSampling,
    keyCheck: keyCheck.functionName,
    keyCounter: keyCounter(config.source),
    perKeyMetrics: config.perKeyMetrics,
    dashboardUrls: dashboards.urls,
    compute: compute.references,
  };
  const alarms = new Alarms(NAME, { references, objectives, topicArns }, opts);
  new Dashboards(
    NAME,
    { references, objectives, names: dashboards.names, alarmArns: alarms.arns },
    opts,
  );

  return {
    url: edge.url,
    region: config.region,
    workload: workload.name,
    scopes: workload.scopes,
    rules: workload.rules,
    tables: data.tableNames,
    keysTable: data.keysTable.name,
    dashboardUrl: dashboards.urls.overview,
    dashboardUrls: dashboards.urls,
    issueFirstKey: `npm run keys -- issue --stack ${stack} --owner you@example.com --scope ${Object.keys(workload.scopes)[0]}`,
    distributionId: edge.distributionId,
    edgeFunction: edgeFunction.functionName,
    edgeRegions: context.edgeRegions,
    keysCountedBy: config.perKeyMetrics ? keyCounter(config.source) : 'nobody',
    logGroups: {
      service: compute.serviceLogGroup,
      ...(compute.apiLogGroup === undefined ? {} : { api: compute.apiLogGroup }),
      edge: edgeFunction.logGroupName,
      waf: waf.logGroupName,
      flow: network.flowLogGroupName,
    },
    originSecrets: originSecretsOf(config.originSecret, config.originSecretSent),
    logBucket: foundation.logs.bucketName,
    compute: config.compute,
    ...compute.outputs,
  };
}

/** What looks for API keys that end. */
function keyCheckOf(context: Context, { data, logKeyArns }: Foundation): KeyCheck {
  const { config, stack, accountId, opts } = context;
  const { region, logRetentionDays, mailFrom } = config;
  const logKeyArn = logKeyArns[region];
  const { name, arn } = data.keysTable;
  return new KeyCheck(
    NAME,
    {
      ...{ stack, region, accountId, logRetentionDays },
      keysTable: { name, arn, keyArn: data.tablesKey.arn },
      ...(mailFrom === undefined ? {} : { mailFrom }),
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
    },
    opts,
  );
}

export = gatehouse;
