// One structured line a decision, with its metrics embedded for CloudWatch; never the key.
import {
  EDGE_METRICS,
  type EdgeAllowReason,
  type EdgeDenyReason,
  type MetricContract,
} from '../contracts/metrics';
import type { CacheUse } from './key-store';

export type DecisionReason =
  | { readonly decision: 'allow'; readonly reason: EdgeAllowReason }
  | { readonly decision: 'deny'; readonly reason: EdgeDenyReason };

export type LoggedDecision = DecisionReason & {
  readonly stack: string;
  /** Epoch milliseconds. */
  readonly time: number;
  readonly method?: string;
  /** CloudFront's id of the request, which its access log has, too. */
  readonly requestId?: string;
  /** The request's trace, where it is recorded. */
  readonly traceId?: string | undefined;
  /** Id of the key that was allowed. */
  readonly keyId?: string;
  /** Id that a refused key named; whoever sent it may have made it up, so no metric counts by it. */
  readonly claimedKeyId?: string;
  readonly cache?: CacheUse;
  readonly lookupMs?: number;
  /** Why the store could not be reached. */
  readonly failure?: string;
  /** Whether to count by key id as well. */
  readonly perKeyMetrics: boolean;
};

/**
 * The line in CloudWatch's embedded metric format. Lambda puts a time and a request id before it,
 * which the format allows:
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
export function decisionLine(logged: LoggedDecision): string {
  const { decisions, keyDecisions, lookupTime, cacheHits } = EDGE_METRICS;
  const byKey = logged.perKeyMetrics && logged.keyId !== undefined;
  const metrics = [directive(decisions, byKey ? [keyDecisions.dimensions] : [])];
  if (logged.lookupMs !== undefined) {
    metrics.push(directive(lookupTime));
  }
  if (logged.cache === 'hit') {
    metrics.push(directive(cacheHits));
  }
  return JSON.stringify({
    _aws: { Timestamp: logged.time, CloudWatchMetrics: metrics },
    Stack: logged.stack,
    Decision: logged.decision,
    Reason: logged.reason,
    KeyId: logged.keyId,
    [decisions.name]: 1,
    [lookupTime.name]: logged.lookupMs,
    [cacheHits.name]: logged.cache === 'hit' ? 1 : undefined,
    claimedKeyId: logged.claimedKeyId,
    cache: logged.cache,
    method: logged.method,
    requestId: logged.requestId,
    traceId: logged.traceId,
    failure: logged.failure,
  });
}

function directive(metric: MetricContract, furtherDimensions: readonly (readonly string[])[] = []) {
  return {
    Namespace: metric.namespace,
    Dimensions: [metric.dimensions, ...furtherDimensions],
    Metrics: [{ Name: metric.name, Unit: metric.unit }],
  };
}
