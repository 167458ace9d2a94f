// The platform: configuration in, components wired, outputs out.
import * as pulumi from '@pulumi/pulumi';
import { Alarms } from './watch/alarms';
import { onFargate } from './on-fargate';
import { onLambda } from './on-lambda';
import { readConfig } from './settings/config';
import { contextOf, NAME } from './context';
import { Dashboards } from './watch/dashboards';
import { layFoundation } from './foundation';
import { openFront } from './front';
import { guardEdge, guardNames } from './guards';
import { networkOf } from './network-of';

/** The Pulumi program; the CLI and the recorder call it once a stack. */
async function gatehouse(): Promise<Record<string, unknown>> {
  const config = readConfig();
  for (const guard of [guardNames, guardEdge]) pulumi.runtime.registerResourceTransform(guard);
  const context = await contextOf(config);
  const { stack, objectives, opts } = context;

  const foundation = layFoundation(context);
  const network = networkOf(context, foundation);
  const compute =
    config.compute === 'lambda'
      ? await onLambda(context, foundation, network)
      : onFargate(context, foundation, network);
  const { edge, edgeFunction, waf } = openFront(context, foundation, compute);

  const { data, topicArns } = foundation;
  const references = {
    stack,
    region: config.region,
    edgeRegions: context.edgeRegions,
    replicaRegions: config.replicaRegions,
    distributionId: edge.distributionId,
    edgeFunctionName: edgeFunction.functionName,
    webAclMetricName: waf.metricName,
    webAclRules: waf.ruleNames,
    usersTable: data.tables.users!.name,
    keysTable: data.keysTable.name,
    credentialsKeyArn: data.keys.credentials!.arn,
    serviceLogGroup: compute.serviceLogGroup,
    compute: compute.references,
  };
  const alarms = new Alarms(NAME, { references, objectives, topicArns }, opts);
  const dashboards = new Dashboards(NAME, { references, objectives, alarmArns: alarms.arns }, opts);

  return {
    url: edge.url,
    region: config.region,
    usersTable: data.tables.users!.name,
    keysTable: data.keysTable.name,
    dashboardUrl: dashboards.urls.overview,
    dashboardUrls: dashboards.urls,
    issueFirstKey: `npm run keys -- issue --stack ${stack} --owner you@example.com --scope users:read`,
    distributionId: edge.distributionId,
    edgeFunction: edgeFunction.functionName,
    edgeRegions: context.edgeRegions,
    logGroups: {
      service: compute.serviceLogGroup,
      edge: edgeFunction.logGroupName,
      waf: waf.logGroupName,
      flow: network.flowLogGroupName,
    },
    compute: config.compute,
    ...compute.outputs,
  };
}

export = gatehouse;
