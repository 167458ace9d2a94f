// Facts out of metrics as the stations report them, with the rates and shares worked out by hand.
import { MetricStore } from '../cloudwatch/metric-store';
import { factsOf } from './facts';
import type { Given, Measured } from './facts';

const NOW = Date.parse('2026-01-15T12:00:00.000Z');
const LB = { LoadBalancer: 'lb' };
const FRONT = { DistributionId: 'D', Region: 'Global' };
const MEASURED: Measured = {
  ...{ stack: 'dev', distributionId: 'D', webAcl: 'acl', loadBalancer: LB, targetGroups: [] },
  service: { ClusterName: 'cluster', ServiceName: 'service' },
  rateRules: [{ name: 'rate-by-ip', limit: 6000, windowSeconds: 300 }],
};
const GIVEN: Given = {
  tasks: { desired: 1, running: 1, healthy: 1, targets: 1, pending: 0, maximum: 4 },
  objectives: { availabilityPercent: 99.5, latencyPercent: 95, latencyMs: 20 },
  scalesInMinutes: 4.5,
};

describe('factsOf', () => {
  function factsAfter(report: (add: MetricStore['add']) => void) {
    const store = new MetricStore({ now: () => NOW });
    report((namespace, name, dimensions, value, atMs = NOW - 2_000) =>
      store.add(namespace, name, dimensions, value, atMs),
    );
    return factsOf(store, MEASURED, GIVEN, NOW);
  }
  const times = (count: number, run: () => void) => Array.from({ length: count }).forEach(run);

  it('knows nothing of a platform that nobody has called', () => {
    expect(factsAfter(() => undefined)).toEqual({
      ...GIVEN,
      ...{ requestsPerSecond: 0, keysStore: { refused: 0, grace: 0 }, blocked: [], denied: [] },
      failed: { task: 0, loadBalancer: 0, edge: 0, cloudFront: 0 },
    });
  });

  it('counts by the second over the last ten, and forgets what is older', () => {
    const { requestsPerSecond } = factsAfter((add) => {
      times(50, () => add('AWS/CloudFront', 'Requests', FRONT, 1));
      times(50, () => add('AWS/CloudFront', 'Requests', FRONT, 1, NOW - 60_000));
    });
    expect(requestsPerSecond).toBe(5);
  });

  it('tells 5xx apart by who answered; CloudFront has what is left', () => {
    const { failed } = factsAfter((add) => {
      // A rate is 100 for a request that failed, and 0 for any other.
      times(10, () => add('AWS/CloudFront', '5xxErrorRate', FRONT, 100));
      times(90, () => add('AWS/CloudFront', '5xxErrorRate', FRONT, 0));
      times(4, () => add('AWS/ApplicationELB', 'HTTPCode_Target_5XX_Count', LB, 1));
      times(2, () =>
        add('AWS/ApplicationELB', 'HTTPCode_ELB_5XX_Count', { LoadBalancer: 'lb' }, 1),
      );
      const refused = { Stack: 'dev', Decision: 'deny', Reason: 'store-unavailable' };
      times(1, () => add('Gatehouse/Edge', 'Decisions', refused, 1));
    });
    expect(failed).toEqual({ task: 0.4, loadBalancer: 0.2, edge: 0.1, cloudFront: 0.3 });
  });

  it('names rules with their limits, and reasons, the busiest first', () => {
    const { blocked, denied } = factsAfter((add) => {
      times(20, () => add('AWS/WAFV2', 'BlockedRequests', { WebACL: 'acl', Rule: 'ALL' }, 1));
      times(20, () =>
        add('AWS/WAFV2', 'BlockedRequests', { WebACL: 'acl', Rule: 'rate-by-ip' }, 1),
      );
      const deny = (Reason: string) =>
        add('Gatehouse/Edge', 'Decisions', { Stack: 'dev', Decision: 'deny', Reason }, 1);
      times(1, () => deny('scope'));
      times(3, () => deny('expired'));
    });
    expect(blocked).toEqual([{ rule: 'rate-by-ip', perSecond: 2, limit: '20 requests a second' }]);
    expect(denied).toEqual([
      { reason: 'expired', perSecond: 0.3 },
      { reason: 'scope', perSecond: 0.1 },
    ]);
  });

  it('holds response time against the target, and names the call that takes most of it', () => {
    const { response } = factsAfter((add) => {
      const seconds = (value: number) => add('AWS/ApplicationELB', 'TargetResponseTime', LB, value);
      times(8, () => seconds(0.01));
      times(2, () => seconds(0.2));
      add('Gatehouse/Service', 'db.client.operation.duration', { Stack: 'dev' }, 0.15);
      add('Gatehouse/Service', 'rpc.client.call.duration', { Stack: 'dev' }, 0.001);
    });
    expect(response?.withinPercent).toBeCloseTo(80, 5);
    expect(response?.p99Ms).toBeGreaterThan(190);
    expect(response?.dependency).toEqual({ name: 'DynamoDB', averageMs: 150 });
  });

  it('blames no call while tasks wait for their CPU', () => {
    const { response } = factsAfter((add) => {
      times(8, () => add('AWS/ApplicationELB', 'TargetResponseTime', LB, 0.2));
      add('Gatehouse/Service', 'db.client.operation.duration', { Stack: 'dev' }, 0.15);
      const service = { ClusterName: 'cluster', ServiceName: 'service' };
      times(3, () => add('AWS/ECS', 'CPUUtilization', service, 97));
    });
    expect(response?.cpuPercent).toBe(97);
    expect(response?.dependency).toBeUndefined();
  });

  it('blames DynamoDB even then when its own measure says so', () => {
    const { response } = factsAfter((add) => {
      times(8, () => add('AWS/ApplicationELB', 'TargetResponseTime', LB, 0.2));
      add('Gatehouse/Service', 'db.client.operation.duration', { Stack: 'dev' }, 0.15);
      const service = { ClusterName: 'cluster', ServiceName: 'service' };
      times(3, () => add('AWS/ECS', 'CPUUtilization', service, 97));
      const call = { TableName: 'users', Operation: 'Query' };
      add('AWS/DynamoDB', 'SuccessfulRequestLatency', call, 121);
    });
    expect(response?.dependency).toEqual({ name: 'DynamoDB', averageMs: 150 });
  });

  it('says nothing of the response time of a few requests', () => {
    const { response } = factsAfter((add) =>
      times(4, () => add('AWS/ApplicationELB', 'TargetResponseTime', LB, 0.5)),
    );
    expect(response).toBeUndefined();
  });
});
