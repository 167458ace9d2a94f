// Tests of the internal load balancer.
import { SERVICE_KEEP_ALIVE_SECONDS } from '../../contracts/connections';
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

  it('pitfall 39: outlasts CloudFront’s idle connections, and the service outlasts its own', async () => {
    const view = await stackOf('prod');
    const { idleTimeout } = view.inputs('lb/loadBalancer:LoadBalancer');
    const [origin] = view.inputs(':Distribution').origins as {
      vpcOriginConfig: { originKeepaliveTimeout: number };
    }[];
    expect(idleTimeout).toBeGreaterThan(origin?.vpcOriginConfig.originKeepaliveTimeout ?? Infinity);
    expect(SERVICE_KEEP_ALIVE_SECONDS).toBeGreaterThanOrEqual(Number(idleTimeout) + 10);
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
