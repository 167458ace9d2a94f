// Tests of the whole program: every combination of what decides which resources exist.
import { verdicts } from '../policies/rules';
import { DOMAIN, NO_DOMAIN, OWN_IMAGE, stackOf, stackOnce, type Overrides } from './testing/stacks';

const COMBINATIONS = ['dev', 'prod'].flatMap((stack) =>
  ['single', 'per-az', 'endpoints'].flatMap((egress) =>
    [NO_DOMAIN, DOMAIN].flatMap((domain) =>
      [
        { compute: 'fargate' },
        { compute: 'fargate', image: ownImage(egress), service: 'service' },
        { compute: 'lambda' },
      ].map((compute): [string, string, Overrides] => {
        const config = { egress, ...domain, ...compute };
        const title = `${compute.compute}${'image' in compute ? ' (own image)' : ''}`;
        const host = domain === DOMAIN ? 'own domain' : 'no domain';
        return [stack, `${title}, egress ${egress}, ${host}`, config];
      }),
    ),
  ),
);

/** Without a way to the internet an image must be in the region's registry. */
function ownImage(egress: string): string {
  return egress === 'endpoints'
    ? OWN_IMAGE.replace('ghcr.io', '123456789012.dkr.ecr.eu-central-1.amazonaws.com')
    : OWN_IMAGE;
}

describe('gatehouse', () => {
  it.each(COMBINATIONS)('plans %s cleanly: %s', async (stack, _, config) => {
    const view = await stackOnce(stack, config);
    const { resources, outputs } = view.recording;
    const mandatory = verdicts(resources).filter(({ level }) => level === 'mandatory');
    expect(mandatory).toEqual([]);

    const isLambda = config.compute === 'lambda';
    expect(view.all('ecs/service:Service')).toHaveLength(isLambda ? 0 : 1);
    expect(view.all('apigatewayv2/api:Api')).toHaveLength(isLambda ? 1 : 0);
    expect(view.all(':VpcOrigin')).toHaveLength(isLambda ? 0 : 1);
    expect(view.all('acm/certificate:Certificate')).toHaveLength(config.domain === '' ? 0 : 2);
    const endpoints = view
      .all(':VpcEndpoint')
      .filter(({ inputs }) => inputs.vpcEndpointType === 'Interface')
      .map(({ inputs }) => (inputs.serviceName as string).split('eu-central-1.')[1]);
    const expected = isLambda
      ? ['kms', 'secretsmanager']
      : ['ecr.api', 'ecr.dkr', 'kms', 'logs', 'secretsmanager', 'xray'];
    expect(endpoints.sort()).toEqual(config.egress === 'endpoints' ? expected : []);
    expect(outputs.url).toMatch(
      config.domain === ''
        ? /^https:\/\/d[0-9a-f]+\.cloudfront\.net$/
        : /^https:\/\/api\.example\.com$/,
    );
  });

  it.each<[string, string, Overrides]>([
    ['dev', 'a key of its own for every user', { environment: { CREDENTIAL_KEYS: 'per-user' } }],
    ['dev', 'an allow-list', { allowedCidrs: ['10.0.0.0/8', '2001:db8::/32'] }],
    ['dev', 'anonymous addresses blocked', { blockAnonymousIps: true }],
    ['dev', 'more edge logs', { edgeLogRegions: ['us-west-2', 'ap-northeast-1'] }],
    [
      'prod',
      'CloudFront’s own region as its home',
      { 'aws:region': 'us-east-1', replicaRegions: [] },
    ],
    ['prod', 'browsers', { corsOrigins: ['https://app.example.com'] }],
  ])('plans %s cleanly with %s', async (stack, _, config) => {
    const { resources } = (await stackOnce(stack, config)).recording;
    expect(verdicts(resources).filter(({ level }) => level === 'mandatory')).toEqual([]);
  });

  it('has one certificate, one key of logs and one topic where home is us-east-1', async () => {
    const view = await stackOf('prod', { 'aws:region': 'us-east-1', replicaRegions: [] });
    expect(view.all('acm/certificate:Certificate')).toHaveLength(1);
    expect(view.all('kms/replicaKey:ReplicaKey')).toHaveLength(0);
    expect(view.all('sns/topic:Topic')).toHaveLength(1);
    const vpc = view.inputs('awsx:ec2:Vpc');
    expect(vpc.availabilityZoneNames).toEqual(['us-east-1a', 'us-east-1b', 'us-east-1d']);
  });

  it('gives the outputs that people and commands need', async () => {
    const { outputs } = (await stackOf('dev')).recording;
    expect(outputs).toMatchObject({
      region: 'eu-central-1',
      workload: 'users',
      scopes: {
        'users:read': expect.any(String) as string,
        'users:write': expect.any(String) as string,
      },
      tables: {
        users: expect.stringMatching(/^gh-users-[0-9a-f]{7}$/) as string,
        credentials: expect.stringMatching(/^gh-credentials-[0-9a-f]{7}$/) as string,
      },
      keysTable: expect.stringMatching(/^gh-keys-[0-9a-f]{7}$/) as string,
      dashboardUrl: expect.stringContaining('#dashboards/dashboard/gh-dev-overview-') as string,
      issueFirstKey: 'npm run keys -- issue --stack dev --owner you@example.com --scope users:read',
      cluster: expect.stringMatching(/^gh-cluster-/) as string,
      service: expect.stringMatching(/^gh-service-/) as string,
      taskDefinition: expect.stringContaining(':task-definition/') as string,
    });
    expect(Object.keys(outputs.dashboardUrls as object).sort()).toEqual([
      'edge',
      'overview',
      'scaling',
      'service',
    ]);
    expect(Object.keys(outputs.logGroups as object)).toEqual(['service', 'edge', 'waf', 'flow']);
    expect(outputs.logBucket).toMatch(/^gh-logs-/);
    const onLambda = (await stackOf('dev', { compute: 'lambda' })).recording.outputs;
    expect(onLambda.logGroups).toHaveProperty('api', expect.stringMatching(/^gh-api-/));
  });

  it('shows no secret in its outputs', async () => {
    const { outputs, secretOutputs, resources } = (await stackOf('dev')).recording;
    const secret = resources.find(({ name }) => name === 'gh-origin-value')?.outputs.result;
    expect(secret).toMatch(/^[0-9a-f]{48}$/);
    expect(JSON.stringify(outputs)).not.toContain(secret);
    expect(secretOutputs).toEqual([]);
  });

  it('names nothing that AWS can name, so that a stack can exist twice in a region', async () => {
    const view = await stackOf('prod');
    // Names that AWS wants from the caller, each made unique by a random or generated part.
    const asked = view.recording.resources
      .filter(({ type, inputs }) => type.startsWith('aws:') && typeof inputs.name === 'string')
      .filter(({ type }) => !/route53|ecs\/taskDefinition/.test(type))
      .filter(({ inputs }) => !/[0-9a-f]{7,}/.test(inputs.name as string))
      .map(({ name }) => name);
    expect(asked).toEqual([]);
    expect(view.inputs(':TaskDefinition').family).toBe(view.one(':Cluster').outputs.name);
  });

  it('gives every resource the stable tags of the provider and no other', async () => {
    const view = await stackOf('dev');
    expect(view.inputs('pulumi:providers:aws')).toMatchObject({
      region: 'eu-central-1',
      defaultTags: JSON.stringify({ tags: { project: 'gatehouse', stack: 'dev' } }),
    });
    const provider = view.one('pulumi:providers:aws');
    const others = view.recording.resources.filter(
      ({ type, options }) =>
        type.startsWith('aws:') && options.provider?.startsWith(provider.urn) !== true,
    );
    expect(others).toEqual([]);
  });
});
