// Tests of target tracking on response time and of its guard.
import { stackOf } from '../testing/stacks';

type Tracking = Record<string, unknown>;

const tracking = async (nameEnd: string): Promise<Tracking> =>
  (await stackOf('prod')).inputs('appautoscaling/policy:Policy', nameEnd)
    .targetTrackingScalingPolicyConfiguration as Tracking;

describe('Autoscaling', () => {
  it('holds 20 ms, in seconds, in both directions', async () => {
    const policy = await tracking('-response-time');
    expect(policy).toMatchObject({ targetValue: 0.02, disableScaleIn: false });
  });

  it('scales the service between its bounds, at least two tasks in prod', async () => {
    const view = await stackOf('prod');
    const [cluster, service] = [view.one(':Cluster'), view.one('ecs/service:Service')];
    expect(view.inputs('appautoscaling/target:Target')).toMatchObject({
      serviceNamespace: 'ecs',
      resourceId: `service/${String(cluster.outputs.name)}/${String(service.outputs.name)}`,
      minCapacity: 3,
      maxCapacity: 30,
    });
  });

  it('pitfall 6: reads missing data as 0, so that it scales in without traffic', async () => {
    const policy = await tracking('-response-time');
    expect(policy).toHaveProperty('customizedMetricSpecification.metrics', [
      expect.objectContaining({ id: 'latency', returnData: false }),
      expect.objectContaining({ id: 'requests', returnData: false }),
      expect.objectContaining({
        id: 'held',
        expression: 'IF(FILL(requests, 0) < 60, 0, FILL(latency, 0))',
        returnData: true,
      }),
    ]);
  });

  it('pitfall 7: bounds what a slow dependency can cost, and says when the bound is reached', async () => {
    const view = await stackOf('prod');
    expect(view.inputs('appautoscaling/target:Target').maxCapacity).toBe(30);
    expect(
      view.one('metricAlarm:MetricAlarm', '-slow-at-maximum').inputs.alarmActions,
    ).toHaveLength(1);
    expect(await tracking('-request-count')).toMatchObject({ targetValue: 12_000 });
  });

  it('pitfall 9: names load balancer and target group in the resource label', async () => {
    const view = await stackOf('prod');
    const label = ['lb/loadBalancer:LoadBalancer', ':TargetGroup']
      .map((type) => view.one(type).outputs.arnSuffix)
      .join('/');
    expect(label).toMatch(/^app\/gh-lb-[0-9a-f]+\/[0-9a-f]+\/targetgroup\/gh-tg-/);
    expect((await tracking('-request-count')).predefinedMetricSpecification).toEqual({
      predefinedMetricType: 'ALBRequestCountPerTarget',
      resourceLabel: label,
    });
  });
});
