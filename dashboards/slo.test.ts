// Holds objectives, burn rates and alarms to what the arithmetic and CloudWatch allow.
import fc from 'fast-check';

import { isMetricLine } from './metric';
import { alarmSpecs, pairSpecs } from './alarms';
import { deploymentAlarmSpecs } from './fargate';
import { BURN_RATES, burnLines, burnThresholdPercent, errorBudgetPercent, slos } from './slo';
import {
  FARGATE_STACK as references,
  LAMBDA_STACK as onLambda,
  OBJECTIVES as objectives,
} from './testing/stacks';

describe('errorBudgetPercent', () => {
  it('is what the objective leaves, without the noise of floating point', () => {
    expect(errorBudgetPercent({ objectivePercent: 99.9 })).toBe(0.1);
    expect(errorBudgetPercent({ objectivePercent: 95 })).toBe(5);
  });
});

describe('burnThresholdPercent', () => {
  it('is the burn rate times the budget', () => {
    expect(burnThresholdPercent({ objectivePercent: 99.5 }, 14.4)).toBe(7.2);
  });

  it('can always be reached, however generous the objective', () => {
    fc.assert(
      fc.property(fc.double({ min: 50, max: 99.99, noNaN: true }), (objectivePercent) => {
        for (const { rate } of BURN_RATES) {
          const threshold = burnThresholdPercent({ objectivePercent }, rate);
          expect(threshold).toBeGreaterThan(0);
          expect(threshold).toBeLessThanOrEqual(90);
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('BURN_RATES', () => {
  it('spend 2 % and 5 % of a month in their long windows', () => {
    const spent = BURN_RATES.map(({ rate, longSeconds }) => (rate * longSeconds) / (30 * 86_400));
    expect(spent.map((part) => Number(part.toFixed(4)))).toEqual([0.02, 0.05]);
  });

  it('have short windows of a twelfth of the long ones', () => {
    for (const { longSeconds, shortSeconds } of BURN_RATES) {
      expect(longSeconds / shortSeconds).toBe(12);
    }
  });
});

describe('slos', () => {
  it('measure availability where clients are, latency where the service answers', () => {
    const [availability, latency] = slos(references, objectives);
    expect(availability).toMatchObject({ objectivePercent: 99.5, region: 'us-east-1' });
    expect(latency).toMatchObject({ objectivePercent: 95, region: 'eu-central-1' });
    expect(latency?.lines[0]).toMatchObject({
      // The load balancer measures in seconds.
      metric: { namespace: 'AWS/ApplicationELB', name: 'TargetResponseTime', stat: 'PR(:0.02)' },
    });
  });

  it('measure a function at its API, in milliseconds', () => {
    expect(slos(onLambda, objectives)[1]?.lines[0]).toMatchObject({
      metric: { namespace: 'AWS/ApiGateway', name: 'Latency', stat: 'PR(:20)' },
    });
  });

  it('say nothing of a window with too few requests', () => {
    const [slo] = slos(references, objectives);
    expect(slo && burnLines(slo).at(-1)).toMatchObject({
      expression: 'IF(availability_requests >= 20, availability_bad, 0)',
    });
  });
});

describe.each([
  ['a container', references],
  ['a function', onLambda],
])('alarms of %s', (_name, refs) => {
  const specs = alarmSpecs(refs, objectives);

  it('have names of their own, a title and a reason', () => {
    const ids = specs.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { id, title, reason } of specs) {
      expect(id).toMatch(/^[a-z0-9-]+$/);
      expect(title).toMatch(/\.$/);
      expect(reason.length).toBeGreaterThan(20);
    }
  });

  it('hold their threshold against exactly one line', () => {
    for (const { lines } of specs)
      expect(lines.filter(({ hidden }) => hidden !== true)).toHaveLength(1);
  });

  it('look at metrics of their own region: CloudWatch knows no others', () => {
    for (const { lines, region } of specs) {
      for (const line of lines.filter(isMetricLine)) expect(line.metric.region).toBe(region);
    }
  });

  it('look back a day at most, as CloudWatch does', () => {
    for (const { periodSeconds, dataPoints } of specs) {
      expect(periodSeconds * dataPoints.of).toBeLessThanOrEqual(86_400);
      expect(dataPoints.breaching).toBeLessThanOrEqual(dataPoints.of);
    }
  });

  it('use plain statistics where they need no math', () => {
    for (const { lines } of specs) {
      const [only] = lines;
      if (lines.length > 1 || only === undefined || !isMetricLine(only)) continue;
      expect(['Sum', 'Average', 'Minimum', 'Maximum']).toContain(only.metric.stat);
    }
  });

  it('pair both windows of each burn rate, which themselves are silent', () => {
    const pairs = pairSpecs(refs, objectives);
    expect(pairs.map(({ id }) => id)).toEqual([
      'availability-fast',
      'availability-slow',
      'latency-fast',
      'latency-slow',
    ]);
    const silent = specs.filter(({ calls }) => calls === false).map(({ id }) => id);
    expect(pairs.flatMap(({ both }) => both).sort()).toEqual(silent.sort());
    for (const { both, region } of pairs) {
      for (const spec of specs.filter(({ id }) => both.includes(id)))
        expect(spec.region).toBe(region);
    }
  });
});

describe('alarmSpecs', () => {
  const byId = (id: string) => alarmSpecs(references, objectives).find((spec) => spec.id === id);

  it('watch the replication that a revocation waits for', () => {
    expect(byId('keys-replication-us-west-2')).toMatchObject({
      threshold: 30_000,
      lines: [{ metric: { dimensions: { TableName: 'gh-keys', ReceivingRegion: 'us-west-2' } } }],
    });
  });

  it('pitfall 7: ring when all allowed tasks run and it is still too slow', () => {
    expect(byId('slow-at-maximum')?.lines.at(-1)).toMatchObject({
      expression: 'IF(tasks >= 10 && seconds > 0.02, 1, 0)',
    });
  });

  it('ring when fewer tasks are healthy than the least', () => {
    expect(byId('too-few-tasks')).toMatchObject({ comparison: 'below', threshold: 2 });
  });
});

describe('deploymentAlarmSpecs', () => {
  it('turn a deployment back at the fast burn rate, within minutes', () => {
    const target = { loadBalancer: 'app/gh/1', targetGroup: 'targetgroup/gh/1' };
    const [errors, unhealthy] = deploymentAlarmSpecs('eu-central-1', target, objectives, {
      isJudgedAgainstOld: false,
    });
    expect(errors).toMatchObject({ threshold: 7.2, periodSeconds: 60, dataPoints: { of: 3 } });
    expect(unhealthy).toMatchObject({ id: 'deploy-unhealthy', threshold: 0 });
  });
});
