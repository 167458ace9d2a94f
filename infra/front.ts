// Wires the way in: edge function, web ACL, distribution and its logs.
import type { AccessRule } from '../contracts/access';
import { GLOBAL_REGION } from '../contracts/aws-limits';
import { keyEnvironment } from '../contracts/api-key';
import { bundleEdge } from '../edge/bundle';
import type { EdgeSettings } from '../edge/settings';
import type { Compute } from './compute';
import { NAME, type Context } from './context';
import { Edge } from './front/distribution';
import { EdgeFunction } from './front/edge-function';
import type { Foundation } from './foundation';
import { AccessLogs } from './watch/access-logs';
import { Waf } from './front/waf';
import { keyCounter } from './settings/workload';

/** The way in. */
export interface Front {
  readonly edge: Edge;
  readonly edgeFunction: EdgeFunction;
  readonly waf: Waf;
}

/** Puts CloudFront, the key check and the web ACL before whatever runs the service. */
export function openFront(context: Context, foundation: Foundation, compute: Compute): Front {
  const { config, opts } = context;
  const { logRetentionDays, protect } = config;
  const { logKeyArns, logs, originSecret, domain } = foundation;
  const edgeFunction = edgeFunctionOf(context, foundation);
  const logKeyArn = logKeyArns[GLOBAL_REGION];
  const waf = new Waf(
    NAME,
    {
      requestsPerSecondPerIp: config.requestsPerSecondPerIp,
      requestsPerSecondPerKey: config.requestsPerSecondPerKey,
      keyForms: config.keyForms,
      blockAnonymousIps: config.blockAnonymousIps,
      allowedCidrs: config.allowedCidrs,
      errors: config.workload.errors,
      serviceBodyLimitBytes: config.bodyLimitBytes,
      logRetentionDays,
      ...(logKeyArn === undefined ? {} : { logKeyArn }),
    },
    opts,
  );
  const edge = new Edge(
    NAME,
    {
      origin: compute.origin,
      originSecret: originSecret.value,
      requestTimeoutSeconds: config.requestTimeoutSeconds,
      edgeFunctionArn: edgeFunction.qualifiedArn,
      webAclArn: waf.webAclArn,
      corsOrigins: config.corsOrigins,
      ...(domain === undefined ? {} : { domain }),
      priceClass: config.priceClass,
      protect,
    },
    opts,
  );
  new AccessLogs(NAME, { distributionArn: edge.distributionArn, bucketArn: logs.bucketArn }, opts);
  return { edge, edgeFunction, waf };
}

/** Bundles by their settings: the same settings give the same text. */
const bundles = new Map<string, Promise<string>>();

function bundledOnce(settings: EdgeSettings): Promise<string> {
  const key = JSON.stringify(settings);
  const text = bundles.get(key) ?? bundleEdge(settings);
  bundles.set(key, text);
  return text;
}

/** Opens the path that the stack names to uptime monitors, whatever the workload says of it. */
function publicHealth(path: string | undefined): AccessRule[] {
  return path === undefined ? [] : [{ methods: ['GET', 'HEAD'], path, access: 'public' }];
}

function edgeFunctionOf(context: Context, { data, logKeyArns }: Foundation): EdgeFunction {
  const { config, stack, edgeRegions, opts } = context;
  const bundle = (keysTable: string): Promise<string> =>
    bundledOnce({
      stack,
      environment: keyEnvironment(stack),
      keysTable,
      keyForms: config.keyForms,
      regions: [config.region, ...config.replicaRegions],
      cacheSeconds: config.edgeCacheSeconds,
      graceSeconds: config.edgeGraceSeconds,
      lookupTimeoutMs: config.edgeLookupTimeoutMs,
      corsOrigins: config.corsOrigins,
      // The service's own count is complete; each counts its requests once.
      perKeyMetrics: config.perKeyMetrics && keyCounter(config.source) === 'edge',
      traceSampling: config.traceSampling,
      rules: [...publicHealth(config.publicHealthPath), ...config.workload.rules],
      errors: config.workload.errors,
    });
  return new EdgeFunction(
    NAME,
    {
      code: data.keysTable.name.apply(bundle),
      keysTableArns: data.keysTableArns,
      tableKeyArns: data.tableKeyArns,
      logRegions: edgeRegions,
      logRetentionDays: config.logRetentionDays,
      logKeyArns,
    },
    opts,
  );
}
