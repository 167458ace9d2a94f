import { until } from '../../../contracts/testing/time';
import type { ScalingPolicy } from '../../cloudwatch/scaling-policy';
import { testGround } from '../testing/ground';
import { closeAll } from '../testing/servers';
import { start } from './scaling';

describe('scaling', () => {
  afterEach(closeAll);

  const metric = { namespace: 'AWS/ApplicationELB', name: 'RequestCountPerTarget', dimensions: {} };
  const policy: ScalingPolicy = {
    ...{ name: 'load', target: 600, tracked: 'value', disableScaleIn: false },
    queries: [{ id: 'value', metric: { ...metric, stat: 'Sum' } }],
    ...{ scaleOutCooldownSeconds: 0, scaleInCooldownSeconds: 0 },
  };

  /** A service whose tasks get so many requests a second each. */
  function service(requestsASecond: number, desired: number) {
    const ground = { ...testGround(''), timeScale: 60 };
    const asked: number[] = [];
    const timer = setInterval(() => {
      ground.metrics.add(metric.namespace, metric.name, {}, requestsASecond / 10);
    }, 100);
    ground.onClose(() => clearInterval(timer));
    const tasks = {
      counts: () => ({ desired: asked.at(-1) ?? desired }),
      scaleTo: (capacity: number) => {
        asked.push(capacity);
        return Promise.resolve();
      },
    };
    start({ policies: [policy], minimum: 1, maximum: 4 }, tasks, ground);
    return { ground, asked };
  }

  it('asks for more tasks within the bounds, and says why', async () => {
    const { ground, asked } = service(40, 1);
    await until(() => asked.length > 0);
    expect(asked[0]).toBeGreaterThan(1);
    expect(asked[0]).toBeLessThanOrEqual(4);
    expect(ground.said[0]).toMatch(/^load: 1 -> \d tasks \(\d+, target 600\)$/);
  });
});
