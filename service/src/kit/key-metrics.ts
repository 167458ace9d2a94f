// Counts requests and errors by API key: the service sees each request, where the edge's log is a sample.
import { metrics } from '@opentelemetry/api';
import type { MiddlewareHandler } from 'hono';
import { SERVICE_METRICS, type MetricContract } from '../../../contracts/metrics';
import type { KeyMetrics } from './config';
import type { AppEnv } from './identity';
import type { Logger } from './logger';

/** What {@link countKeys} needs. */
export interface KeyMetricsOptions {
  readonly keyMetrics: KeyMetrics;
  /** Name of the stack, the metrics' dimension. */
  readonly stack: string;
  readonly logger: Pick<Logger, 'embed'>;
}

/** Adds one to each of the metrics. */
type Count = (contracts: readonly MetricContract[], keyId: string) => void;

const { keyRequests, keyErrors } = SERVICE_METRICS;

/** Counts each request that came with a key, once its answer is known. */
export function countKeys(options: KeyMetricsOptions): MiddlewareHandler<AppEnv> {
  if (options.keyMetrics === 'off') return (_c, next) => next();
  const count = options.keyMetrics === 'otlp' ? byOpenTelemetry() : intoLog(options);
  return async function countByKey(c, next) {
    await next();
    const keyId = (c.get('identity') as { keyId: string } | undefined)?.keyId;
    if (keyId === undefined) return;
    count(c.res.status < 400 ? [keyRequests] : [keyRequests, keyErrors], keyId);
  };
}

/** The collector adds the stack. Beyond 2,000 keys in an interval the SDK counts the rest as one. */
function byOpenTelemetry(): Count {
  const meter = metrics.getMeter('gatehouse');
  const counters = new Map(
    [keyRequests, keyErrors].map(({ name }) => [name as string, meter.createCounter(name)]),
  );
  return (contracts, keyId) => {
    for (const { name } of contracts) counters.get(name)?.add(1, { KeyId: keyId });
  };
}

function intoLog({ stack, logger }: KeyMetricsOptions): Count {
  return (contracts, keyId) =>
    logger.embed(contracts, { Stack: stack, KeyId: keyId, ...ones(contracts) });
}

function ones(contracts: readonly MetricContract[]): Record<string, number> {
  return Object.fromEntries(contracts.map(({ name }) => [name, 1]));
}
