// Tests that every documented value plans: stacks made of the values at the edges of all settings.
import { verdicts } from '../../policies/rules';
import { OWN_IMAGE, stackOnce, type Overrides } from '../testing/stacks';
import { SETTINGS } from './settings';

/** For settings whose values are texts of a form: some that are at its edges. */
const TEXTS: Partial<Record<keyof typeof SETTINGS, readonly Overrides[string][]>> = {
  vpcCidr: ['10.0.0.0/16', '192.168.255.0/24', '172.16.0.0/20'],
  service: ['service', 'examples/notes'],
  image: ['', `123456789012.dkr.ecr.eu-central-1.amazonaws.com/a/b:1@sha256:${'0'.repeat(64)}`],
  environment: [{}, { CREDENTIAL_KEYS: 'per-user', AB: '', lower_case: '\n"' }],
  secrets: [{}, { TOKEN: 'arn:aws:ssm:eu-central-1:123456789012:parameter/team/token' }],
  replicaRegions: [[], ['us-east-1', 'ap-southeast-1', 'sa-east-1']],
  adoptTables: [{}, { keys: 'a.b' }, { keys: `gh-keys-${'a'.repeat(247)}` }],
  adoptKeys: [{}, { tables: '1234abcd-12ab-34cd-56ef-1234567890ab' }],
  domain: ['', `${'a'.repeat(52)}.example.com`],
  hostedZone: ['', 'example.com'],
  publicHealthPath: ['', '/a', `/${'a'.repeat(127)}`],
  corsOrigins: [[], ['*'], ['https://app.example.com', 'http://localhost:3000']],
  edgeLogRegions: [[], ['us-west-2', 'eu-central-1']],
  allowedCidrs: [[], ['0.0.0.0/1', '203.0.113.7/32'], ['2001:db8::/1', '2001:db8::1/128']],
  alarmEmail: ['', 'a@b.cd'],
  mailFrom: ['', 'a@b.cd'],
};

const KEYS = (Object.keys(SETTINGS) as (keyof typeof SETTINGS)[]).filter(
  (key) => key !== 'workload' && key !== 'compute',
);
const valuesOf = (key: keyof typeof SETTINGS) => TEXTS[key] ?? SETTINGS[key].extremes;
const ROUNDS = Math.max(...KEYS.map((key) => valuesOf(key).length));

/** Each setting at its nth edge; values that contradict each other meet their like in each round. */
function edges(round: number, compute: string): Overrides {
  const config = Object.fromEntries(
    KEYS.map((key) => {
      const values = valuesOf(key);
      return [key, values[round % values.length]];
    }),
  );
  const isLambda = compute === 'lambda';
  return {
    ...config,
    compute,
    // One task on a protected stack is refused, and images on Lambda are.
    protect: config.minTasks !== '1',
    ...(isLambda ? { image: '' } : {}),
    // Without Container Insights nobody says how many tasks are desired.
    ...(config.containerInsights === 'disabled' ? { scalingTaskCount: 'healthy' } : {}),
    ...shifting(config, isLambda),
  };
}

/** What shifts requests needs tasks, and their number as ECS wants it. */
function shifting(config: Overrides, isLambda: boolean): Overrides {
  if (isLambda) return { deployment: 'rolling' };
  if (config.deployment === 'rolling') return {};
  return {
    scalingTaskCount: 'desired',
    ...(config.containerInsights === 'disabled' ? { containerInsights: 'enhanced' } : {}),
  };
}

const PLANS = Array.from({ length: ROUNDS }, (_, round) => round).flatMap((round) =>
  SETTINGS.compute.extremes.map((compute) => [round, compute] as const),
);

describe('SETTINGS', () => {
  // What can't be reached is legal, and warned of.
  const warn = jest.spyOn(console, 'warn').mockImplementation(() => undefined);
  afterAll(() => warn.mockRestore());

  it('has values at the edges of every setting', () => {
    for (const key of KEYS) expect([key, valuesOf(key).length > 0]).toEqual([key, true]);
  });

  it.each(PLANS)('plans the edges of all settings, round %d, on %s', async (round, compute) => {
    const { outputs, resources } = (await stackOnce('dev', edges(round, compute))).recording;
    expect(outputs.url).toMatch(/^https:/);
    expect(verdicts(resources).filter(({ level }) => level === 'mandatory')).toEqual([]);
  });

  it('plans an image by its workload file, and makes nothing of the users directory', async () => {
    const view = await stackOnce('dev', {
      image: OWN_IMAGE,
      workload: 'infra/settings/testing/orders.yaml',
      environment: { GREETING: 'moin' },
      secrets: { TOKEN: 'arn:aws:ssm:eu-central-1:123456789012:parameter/token' },
    });
    const { resources, outputs } = view.recording;
    expect(verdicts(resources).filter(({ level }) => level === 'mandatory')).toEqual([]);
    expect(view.inputs(':TargetGroup')).toMatchObject({
      port: 9000,
      healthCheck: { path: '/status' },
    });
    expect(view.container('service')).toMatchObject({
      image: OWN_IMAGE,
      environment: expect.arrayContaining([
        { name: 'GREETING', value: 'moin' },
        { name: 'CURRENCY', value: 'EUR' },
        { name: 'PORT', value: '9000' },
        { name: 'ORDERS_TABLE', value: view.one('table:Table', '-orders').outputs.name },
      ]) as unknown,
      secrets: expect.arrayContaining([
        {
          name: 'PAYMENT_KEY',
          valueFrom: 'arn:aws:secretsmanager:eu-central-1:123456789012:secret:payment-AbCdEf',
        },
        { name: 'TOKEN', valueFrom: 'arn:aws:ssm:eu-central-1:123456789012:parameter/token' },
      ]) as unknown,
    });
    const named = JSON.stringify([resources.map(({ name }) => name), outputs]);
    expect(named).not.toMatch(/users|credential/i);
  });
});
