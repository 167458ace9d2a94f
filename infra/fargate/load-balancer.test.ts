// Tests of the internal load balancer.
import { stackOf } from '../testing/stacks';

describe('LoadBalancer', () => {
  it('drops what could be smuggled, logs every request and is protected in prod', async () => {
    const view = await stackOf('prod');
    const balancer = view.one('lb/loadBalancer:LoadBalancer');
    expect(balancer.inputs).toMatchObject({
      internal: true,
      dropInvalidHeaderFields: true,
      desyncMitigationMode: 'strictest',
      enableDeletionProtection: true,
      accessLogs: { enabled: true, bucket: view.one('s3/bucket:Bucket').outputs.id },
    });
    expect(balancer.options.protect).toBe(true);
  });

  it('outlasts CloudFront’s idle connections of 60 s', async () => {
    const { idleTimeout } = (await stackOf('prod')).inputs('lb/loadBalancer:LoadBalancer');
    expect(idleTimeout).toBeGreaterThan(60);
  });

  it('lets a task that leaves finish the longest request', async () => {
    const view = await stackOf('dev', { requestTimeoutSeconds: 25 });
    expect(view.inputs(':TargetGroup').deregistrationDelay).toBe(30);
    expect(view.container('service').stopTimeout).toBeGreaterThan(30);
  });

  it('pitfall 13: leaves the names to Pulumi, so that either can be replaced', async () => {
    const view = await stackOf('prod');
    expect(view.inputs(':TargetGroup').name).toBeUndefined();
    expect(view.inputs('lb/loadBalancer:LoadBalancer').name).toBeUndefined();
  });
});
