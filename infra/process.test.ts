// Tests of a stack that runs somebody else's image by its workload file: what it is told, what it may do.
import { verdicts } from '../policies/rules';
import { ORDERS, stackOf } from './testing/stacks';

const PAYMENT = 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf';

describe('a stack of another API', () => {
  it('names nothing of the users directory', async () => {
    const { resources, outputs } = (await stackOf('dev', ORDERS)).recording;
    const text = JSON.stringify([resources, outputs]);
    expect(text.match(/.{0,40}(\busers\b|by-email|CREDENTIALS?_KEY).{0,40}/g)).toBeNull();
  });

  it('breaks no rule', async () => {
    const { resources } = (await stackOf('dev', ORDERS)).recording;
    expect(verdicts(resources).filter(({ level }) => level === 'mandatory')).toEqual([]);
  });

  it('has its tables, port, health path, environment and secrets, and builds no image', async () => {
    const view = await stackOf('dev', ORDERS);
    const tables = view.all('dynamodb/table:Table');
    expect(tables.map(({ name }) => name).sort()).toEqual(['gh-keys', 'gh-orders']);
    expect(view.all('kms/key:Key').map(({ name }) => name)).not.toContain('gh-credentials');
    expect(view.all('docker-build:index:Image')).toEqual([]);
    expect(view.inputs(':TargetGroup')).toMatchObject({
      port: 9000,
      healthCheck: { path: '/status' },
    });
    const service = view.container('service');
    const environment = Object.fromEntries(
      (service.environment as { name: string; value: string }[]).map(({ name, value }) => [
        name,
        value,
      ]),
    );
    expect(environment).toMatchObject({
      PORT: '9000',
      STACK: 'dev',
      GREETING: 'hello',
      CURRENCY: 'EUR',
      ORDERS_TABLE: view.one('dynamodb/table:Table', '-orders').outputs.name,
      OTEL_SERVICE_NAME: 'orders',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:4318',
    });
    expect(service.secrets).toEqual([
      { name: 'ORIGIN_SECRET', valueFrom: view.one('secretsmanager/secret:Secret').outputs.arn },
      { name: 'PAYMENT_KEY', valueFrom: PAYMENT },
    ]);
    expect(service.healthCheck).toBeUndefined();
  });

  it('gives its role what the file says, and the right to each secret to the role that reads it', async () => {
    const view = await stackOf('dev', ORDERS);
    const arn = String(view.one('dynamodb/table:Table', '-orders').outputs.arn);
    expect(view.rights('-task-policy')).toMatchObject({
      WorkloadRight1: {
        Action: ['dynamodb:GetItem', 'dynamodb:PutItem', 'dynamodb:Query'],
        Resource: [arn, `${arn}/index/*`],
      },
      TableAtRest: { Action: 'kms:Decrypt' },
      SendTraces: { Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'] },
    });
    expect(view.rights('-exec-policy').ReadSecrets?.Resource).toEqual([PAYMENT]);
    expect(JSON.stringify(view.rights('-task-policy'))).not.toContain('payment');
  });

  it('is watched by its own names', async () => {
    const view = await stackOf('dev', ORDERS);
    const alarms = view.all('metricAlarm:MetricAlarm').map(({ name }) => name);
    expect(alarms).toContain('gh-orders-read-throttled');
    expect(alarms).not.toContain('gh-kms-slow');
    expect(JSON.stringify(view.inputs(':Dashboard', '-service'))).toContain('table orders');
    expect(view.recording.outputs).toMatchObject({
      workload: 'orders',
      scopes: { 'orders:read': 'Read orders.', 'orders:write': 'Change orders.' },
      tables: { orders: expect.stringMatching(/^gh-orders-/) as string },
      issueFirstKey: expect.stringContaining('--scope orders:read') as string,
    });
  });

  it('needs an interface endpoint of SSM only where a parameter is read', async () => {
    const services = async (secrets: Record<string, string>) => {
      const { recording } = await stackOf('dev', {
        ...ORDERS,
        image: String(ORDERS.image).replace('ghcr.io', '1.dkr.ecr.eu-central-1.amazonaws.com'),
        egress: 'endpoints',
        secrets,
      });
      return recording.resources.map(({ inputs }) => inputs.serviceName);
    };
    const parameter = 'arn:aws:ssm:eu-central-1:123456789012:parameter/orders/token';
    expect(await services({ TOKEN: parameter })).toContain('com.amazonaws.eu-central-1.ssm');
    expect(await services({})).not.toContain('com.amazonaws.eu-central-1.ssm');
  });
});
