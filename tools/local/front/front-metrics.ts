// What CloudFront measures of each request: AWS's metrics of the distribution, and a line of the access log.
import { createWriteStream } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { API_KEY_HEADER } from '../../../contracts/headers';
import type { MetricStore } from '../../cloudwatch/metric-store';
import type { Ground } from '../ground';

/** One request as the distribution saw it end. */
export interface FrontRequest {
  /** `x-amz-cf-id`. */
  id: string;
  method: string;
  /** Without its query string, which may hold anything. */
  path: string;
  status: number;
  /** From the request's arrival to the last byte, or to the client's leaving, in milliseconds. */
  durationMs: number;
  /** Who answered. */
  by: 'waf' | 'edge' | 'origin' | 'cloudfront';
  /** Time to the first byte of the origin's answer, in milliseconds; none when it was not asked. */
  originMs?: number;
  /** The edge function failed, or answered what CloudFront does not take. */
  edgeFailed?: boolean;
  bytes: number;
  /** Id that the origin gave the request. */
  requestId?: string;
  /** Id of the key that was presented, true or not; none without one. */
  keyId?: string;
}

/** Told of each request; `lines` gives the access log's latest to whoever prints them. */
export type OnFrontRequest = (request: FrontRequest) => void;

const NAMESPACE = 'AWS/CloudFront';
/** Requests, errors and blocked ones by key: who calls, over what AWS counts. */
export const CALLERS_NAMESPACE = 'Local/Callers';
/** Statuses that CloudFront has a rate of its own for. */
const OWN_RATES = [401, 403, 404, 502, 503, 504];

/**
 * Counts into the platform's metrics and writes `access.log`.
 * @param onLine told each line's object as it is written, for `--log`.
 */
export function measureFront(
  distributionId: string,
  { metrics, logFolder, onClose }: Pick<Ground, 'metrics' | 'logFolder' | 'onClose'>,
  onLine?: (request: FrontRequest) => void,
): OnFrontRequest {
  const log = createWriteStream(join(logFolder, 'access.log'), { mode: 0o600 });
  // A request that outlives the distribution is logged nowhere; it must not end the process either.
  log.on('error', () => undefined);
  onClose(() => new Promise<void>((resolve) => log.end(resolve)));
  const dimensions = { DistributionId: distributionId, Region: 'Global' };
  return (request) => {
    count(metrics, dimensions, request);
    log.write(`${JSON.stringify({ time: new Date().toISOString(), ...request })}\n`);
    onLine?.(request);
  };
}

/** A rate is the average of 0 and 100 over all requests. */
function count(
  metrics: MetricStore,
  dimensions: Readonly<Record<string, string>>,
  { status, originMs, edgeFailed, bytes, by, keyId }: FrontRequest,
): void {
  const add = (name: string, value: number) => metrics.add(NAMESPACE, name, dimensions, value);
  add('Requests', 1);
  add('BytesDownloaded', bytes);
  add('4xxErrorRate', status >= 400 && status < 500 ? 100 : 0);
  add('5xxErrorRate', status >= 500 ? 100 : 0);
  for (const own of OWN_RATES) add(`${own}ErrorRate`, status === own ? 100 : 0);
  if (originMs !== undefined) add('OriginLatency', originMs);
  if (edgeFailed === true) add('LambdaExecutionError', 1);
  // What the edge refuses may be anybody's claim.
  if (keyId === undefined || by === 'edge') return;
  const caller = (name: string) => metrics.add(CALLERS_NAMESPACE, name, { KeyId: keyId }, 1);
  if (by === 'waf') {
    caller('Blocked');
    return;
  }
  caller('Requests');
  if (status >= 400) caller('Errors');
}

/** Id of the key in a request's headers, read from its text alone. */
export function presentedKeyId(headers: IncomingHttpHeaders): string | undefined {
  const key = headers[API_KEY_HEADER] ?? headers.authorization?.replace(/^Bearer +/i, '');
  return /^[a-z0-9]+_[^_]+_([0-9A-Za-z]{12})_/.exec(String(key))?.[1];
}
