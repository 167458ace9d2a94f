// Who calls and what is slow, in the last minute.
import { SERVICE_METRICS } from '../../contracts/metrics';
import type { MetricStore } from '../cloudwatch/metric-store';
import { CALLERS_NAMESPACE } from '../local/front/front-metrics';
import type { Measured } from './facts';
import type { CallerRow, RouteRow } from './view';

const MOST_ROWS = 8;
const WINDOW_SECONDS = 60;

/** Who calls: requests of the last minute by key. */
export function callersOf(
  store: MetricStore,
  ownerOf: (keyId: string) => string,
  nowMs: number,
): CallerRow[] {
  const rows = new Map<string, { Requests: number; Errors: number; Blocked: number }>();
  const sinceMs = nowMs - WINDOW_SECONDS * 1000;
  for (const { name, dimensions, points } of store.query({
    namespace: CALLERS_NAMESPACE,
    sinceMs,
  })) {
    const keyId = dimensions.KeyId ?? '';
    const row = rows.get(keyId) ?? { Requests: 0, Errors: 0, Blocked: 0 };
    row[name as 'Requests'] += points.reduce((sum, point) => sum + point.sum, 0);
    rows.set(keyId, row);
  }
  return [...rows]
    .filter(([, { Requests, Blocked }]) => Requests + Blocked > 0)
    .map(([keyId, { Requests, Errors, Blocked }]) => ({
      ...{ keyId, owner: ownerOf(keyId), perSecond: Requests / WINDOW_SECONDS },
      errorPercent: Requests > 0 ? (100 * Errors) / Requests : 0,
      blockedPerSecond: Blocked / WINDOW_SECONDS,
    }))
    .sort((a, b) => b.perSecond + b.blockedPerSecond - a.perSecond - a.blockedPerSecond)
    .slice(0, MOST_ROWS);
}

/** What is slow: routes of the last minute. */
export function routesOf(
  store: MetricStore,
  { stack }: Measured,
  healthPath: string,
  nowMs: number,
): RouteRow[] {
  const { namespace, name, dimensions: names } = SERVICE_METRICS.routeDuration;
  const sinceMs = nowMs - WINDOW_SECONDS * 1000;
  const rows = new Map<string, RouteRow & { counts: Record<string, number>; most: number }>();
  const found = store.query({ namespace, name, dimensions: { Stack: stack }, sinceMs });
  for (const { dimensions, points } of found) {
    if (names.some((each) => dimensions[each] === undefined)) continue;
    if (dimensions['http.route'] === healthPath) continue;
    const count = points.reduce((sum, point) => sum + point.count, 0);
    if (count === 0) continue;
    const route = `${dimensions['http.request.method']} ${dimensions['http.route']}`;
    const row = rows.get(route) ?? {
      ...{ route, perSecond: 0, p50Ms: null, p99Ms: null, errorPercent: 0 },
      ...{ counts: {}, most: 0 },
    };
    row.counts[dimensions['http.response.status_code'] ?? ''] = count;
    // Percentiles of different statuses don't add up: those of the commonest one stand for the route.
    if (count > row.most) {
      const take = (stat: string) => {
        const seconds = store.statistic({ namespace, name, dimensions }, stat, sinceMs);
        return seconds === undefined ? null : 1000 * seconds;
      };
      Object.assign(row, { most: count, p50Ms: take('p50'), p99Ms: take('p99') });
    }
    rows.set(route, row);
  }
  return [...rows.values()]
    .map(({ counts, most: _most, ...row }) => {
      const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
      const failed = Object.entries(counts)
        .filter(([status]) => Number(status) >= 500)
        .reduce((sum, [, count]) => sum + count, 0);
      return { ...row, perSecond: all / WINDOW_SECONDS, errorPercent: (100 * failed) / all };
    })
    .sort((a, b) => (b.p99Ms ?? 0) - (a.p99Ms ?? 0))
    .slice(0, MOST_ROWS);
}
