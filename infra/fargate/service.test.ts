// Tests of the ECS service, its task and its roles, as the whole program declares them.
import { DOMAIN, OWN_IMAGE, stackOf, type StackView } from '../testing/stacks';

/** ARNs of the secrets that the function reads when it starts, by their variables. */
function secretsOfFunction(view: StackView): Record<string, string> {
  const { variables } = view.inputs('lambda/function:Function', 'gh-fn').environment as {
    variables: Record<string, string>;
  };
  const text = Object.values(variables).find((value) => value.includes('ORIGIN_SECRET'));
  return JSON.parse(text ?? '{}') as Record<string, string>;
}

describe('FargateService', () => {
  it('deploys by rolling back on failed tasks and on alarms', async () => {
    const view = await stackOf('prod');
    const alarms = view
      .all('metricAlarm:MetricAlarm')
      .filter(({ name }) => name.startsWith('gh-deploy-'))
      .map(({ outputs }) => outputs.name);
    expect(alarms.length).toBeGreaterThan(0);
    expect(view.inputs('ecs/service:Service')).toMatchObject({
      deploymentCircuitBreaker: { enable: true, rollback: true },
      alarms: {
        enable: true,
        rollback: true,
        alarmNames: expect.arrayContaining(alarms) as string[],
      },
      availabilityZoneRebalancing: 'ENABLED',
      deploymentMinimumHealthyPercent: 100,
      waitForSteadyState: true,
      sigintRollback: true,
      platformVersion: 'LATEST',
      enableExecuteCommand: false,
      propagateTags: 'SERVICE',
    });
  });

  it('runs ARM64 tasks under two roles', async () => {
    const view = await stackOf('prod');
    const role = (nameEnd: string): unknown => view.one('iam/role:Role', nameEnd).outputs.arn;
    expect(view.inputs(':TaskDefinition')).toMatchObject({
      requiresCompatibilities: ['FARGATE'],
      networkMode: 'awsvpc',
      cpu: '512',
      memory: '1024',
      runtimePlatform: { cpuArchitecture: 'ARM64', operatingSystemFamily: 'LINUX' },
      taskRoleArn: role('-task-role'),
      executionRoleArn: role('-exec-role'),
    });
  });

  it.each(['service', 'collector'])('hardens the container "%s"', async (name) => {
    const container = (await stackOf('prod')).container(name);
    expect(container).toMatchObject({
      user: '65532:65532',
      readonlyRootFilesystem: true,
      privileged: false,
      linuxParameters: { capabilities: { drop: ['ALL'] } },
      logConfiguration: { logDriver: 'awslogs' },
    });
    expect(container.image).toMatch(/@sha256:[0-9a-f]{64}$/);
  });

  it('hands the origin secret over by reference, and no key of AWS by environment', async () => {
    const view = await stackOf('prod');
    const service = view.container('service');
    expect(service.secrets).toEqual([
      {
        name: 'ORIGIN_SECRET',
        valueFrom: view.one('secretsmanager/secret:Secret').outputs.arn,
      },
    ]);
    const environment = JSON.stringify(service.environment);
    expect(environment).not.toMatch(/AWS_(ACCESS_KEY_ID|SECRET_ACCESS_KEY|SESSION_TOKEN)/);
    const secret = view.one(':RandomPassword').outputs.result as string;
    expect(view.inputs(':TaskDefinition').containerDefinitions).not.toContain(secret);
  });

  it.each([
    [{ originSecret: 2, originSecretSent: 1 }, 'gh-origin-value'],
    [{ originSecret: 2 }, 'gh-origin-value-2'],
  ])(
    'takes two origin secrets with %j, while CloudFront sends one of them',
    async (config, sent) => {
      for (const compute of ['fargate', 'lambda']) {
        const view = await stackOf('dev', { ...config, compute });
        const arn = (name: string): unknown =>
          view.one('secretsmanager/secret:Secret', name).outputs.arn;
        const expected = {
          ORIGIN_SECRET: arn('gh-origin-2'),
          ORIGIN_SECRET_PREVIOUS: arn('gh-origin'),
        };
        const secrets =
          compute === 'fargate'
            ? Object.fromEntries(
                (view.container('service').secrets as { name: string; valueFrom: string }[]).map(
                  ({ name, valueFrom }) => [name, valueFrom],
                ),
              )
            : secretsOfFunction(view);
        expect(secrets).toMatchObject(expected);
        const role = compute === 'fargate' ? '-exec-policy' : '-fn-policy';
        expect(view.rights(role).ReadOriginSecret?.Resource).toEqual(Object.values(expected));
        const [origin] = view.inputs('cloudfront/distribution:Distribution').origins as {
          customHeaders: { value: string }[];
        }[];
        const value = view.recording.resources.find(({ name }) => name === sent)?.outputs.result;
        expect(origin?.customHeaders.map((header) => header.value)).toEqual([value]);
      }
    },
  );

  it('tells the service all that it asks its environment for', async () => {
    const view = await stackOf('dev');
    expect(view.container('service').environment).toEqual(
      expect.arrayContaining([
        { name: 'USERS_TABLE', value: view.one('table:Table', '-users').outputs.name },
        {
          name: 'CREDENTIALS_TABLE',
          value: view.one('table:Table', '-credentials').outputs.name,
        },
        { name: 'CREDENTIALS_KEY_ARN', value: view.one('key:Key', '-credentials').outputs.arn },
        { name: 'STACK', value: 'dev' },
        { name: 'PORT', value: '8080' },
        { name: 'AWS_REGION', value: 'eu-central-1' },
        { name: 'OTEL_TRACES_SAMPLER_ARG', value: '0.05' },
      ]),
    );
  });

  it('deploys an image of the user’s own, asking only the load balancer for its health', async () => {
    const view = await stackOf('dev', { image: OWN_IMAGE, service: 'service' });
    const service = view.container('service');
    expect(service.image).toBe(OWN_IMAGE);
    expect(service.healthCheck).toBeUndefined();
    expect(view.all('docker-build:index:Image')).toEqual([]);
    expect(view.inputs(':TargetGroup')).toMatchObject({
      port: 8080,
      healthCheck: { path: '/healthz' },
    });
  });

  it('lets the execution role read one secret, pull from one repository and write two logs', async () => {
    const view = await stackOf('prod');
    const rights = view.rights('-exec-policy');
    const arn = (type: string, nameEnd: string): unknown => view.one(type, nameEnd).outputs.arn;
    expect(Object.keys(rights).sort()).toEqual([
      'DecryptOriginSecret',
      'LogGroupsBelongToTheStack',
      'LogInToEcr',
      'PullImages',
      'ReadOriginSecret',
      'WriteOwnLogs',
    ]);
    expect(rights.ReadOriginSecret).toMatchObject({
      Action: 'secretsmanager:GetSecretValue',
      Resource: [arn('secretsmanager/secret:Secret', '')],
    });
    expect(rights.PullImages?.Resource).toEqual([arn('ecr/repository:Repository', '')]);
    expect(rights.DecryptOriginSecret).toMatchObject({
      Action: 'kms:Decrypt',
      Resource: arn('kms/key:Key', '-tables'),
      Condition: {
        StringEquals: { 'kms:ViaService': ['secretsmanager.eu-central-1.amazonaws.com'] },
      },
    });
    expect(rights.WriteOwnLogs?.Resource).toEqual(
      ['-service-logs', '-collector-logs'].map(
        (end) => `${String(arn('logGroup:LogGroup', end))}:*`,
      ),
    );
  });

  it('lets it pull an image of the user’s own from that repository, if it is in ECR', async () => {
    const image = OWN_IMAGE.replace('ghcr.io', '123456789012.dkr.ecr.eu-central-1.amazonaws.com');
    expect(
      (await stackOf('dev', { image, service: 'service' })).rights('-exec-policy').PullImages
        ?.Resource,
    ).toEqual(['arn:aws:ecr:eu-central-1:123456789012:repository/acme/orders']);
    expect(
      (await stackOf('dev', { image: OWN_IMAGE, service: 'service' })).rights('-exec-policy'),
    ).not.toHaveProperty('PullImages');
  });

  it('opens egress to HTTPS alone, and with endpoints to AWS’s services alone', async () => {
    const destinations = async (egress: string): Promise<unknown[]> => {
      const view = await stackOf('prod', { egress });
      const group = view.one('ec2/securityGroup:SecurityGroup', '-task-sg').outputs.id;
      return view
        .all('securityGroupEgressRule:SecurityGroupEgressRule')
        .filter(({ inputs }) => inputs.securityGroupId === group)
        .map(({ inputs }) => {
          expect([inputs.ipProtocol, inputs.fromPort, inputs.toPort]).toEqual(['tcp', 443, 443]);
          return inputs.cidrIpv4 ?? inputs.prefixListId ?? inputs.referencedSecurityGroupId;
        })
        .map((id) => String(id).replace(/-[0-9a-f]+$/, ''));
    };
    expect(await destinations('per-az')).toEqual(['0.0.0.0/0']);
    expect((await destinations('endpoints')).sort()).toEqual(['pl', 'pl', 'sg']);
  });

  it('pitfall 8: does not reset the number of tasks at a deployment', async () => {
    const { options } = (await stackOf('prod')).one('ecs/service:Service');
    expect(options.ignoreChanges).toEqual(['desiredCount']);
  });

  it('pitfall 10: says which task definition it asked for, so that a roll-back can be told', async () => {
    const view = await stackOf('prod');
    expect(view.recording.outputs.taskDefinition).toBe(view.one(':TaskDefinition').outputs.arn);
  });

  it('pitfall 11: gives steady state more time than a deployment needs', async () => {
    const view = await stackOf('prod');
    expect(view.one('ecs/service:Service').options.customTimeouts).toMatchObject({
      create: '30m',
      update: '30m',
    });
    expect(view.inputs(':TargetGroup')).toMatchObject({
      deregistrationDelay: 15,
      healthCheck: { interval: 10, healthyThreshold: 2 },
    });
  });

  it('pitfall 12: waits for the listener, and for the rights of its roles', async () => {
    const view = await stackOf('prod');
    const { dependencies } = view.one('ecs/service:Service').options;
    expect(dependencies).toEqual(
      expect.arrayContaining([
        view.one('lb/listener:Listener').urn,
        view.one(':RolePolicy', '-task-policy').urn,
        view.one(':RolePolicy', '-exec-policy').urn,
      ]),
    );
  });

  it('pitfall 18: has a TLS listener with a domain, and plain HTTP in the VPC without', async () => {
    expect((await stackOf('dev', DOMAIN)).inputs('lb/listener:Listener')).toMatchObject({
      protocol: 'HTTPS',
      port: 443,
      sslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
    });
    expect((await stackOf('dev')).inputs('lb/listener:Listener')).toMatchObject({
      protocol: 'HTTP',
      port: 80,
    });
  });

  it('pitfall 20: writes every default of a container out, its environment in order', async () => {
    const view = await stackOf('prod');
    for (const container of [view.container('service'), view.container('collector')]) {
      expect(Object.keys(container)).toEqual(
        expect.arrayContaining([
          'cpu',
          'environment',
          'essential',
          'mountPoints',
          'portMappings',
          'systemControls',
          'volumesFrom',
        ]),
      );
      const names = (container.environment as { name: string }[]).map(({ name }) => name);
      expect(names).toEqual([...names].sort());
    }
  });

  it('pitfall 22: asks the collector for its health without a shell', async () => {
    const view = await stackOf('prod');
    expect(view.container('collector').healthCheck).toMatchObject({
      command: ['CMD', '/healthcheck'],
    });
    expect(view.container('service').healthCheck).toMatchObject({
      command: ['CMD', '/nodejs/bin/node', '-e', expect.any(String) as string],
    });
  });

  it('pitfall 33: lets the service start, and serve, without its collector', async () => {
    const view = await stackOf('prod');
    expect(view.container('service').dependsOn).toEqual([]);
    expect(view.container('collector').essential).toBe(false);
  });

  it('names the log stream of a task’s metrics by an attribute that the collector finds out', async () => {
    const collector = (await stackOf('prod')).container('collector');
    const [{ value } = { value: '' }] = collector.environment as { value: string }[];
    const { exporters, processors, service } = JSON.parse(value) as {
      exporters: { awsemf: { log_stream_name: string } };
      processors: { resourcedetection: { detectors: string[] } };
      service: { pipelines: Record<string, { processors: string[] }> };
    };
    expect(exporters.awsemf.log_stream_name).toBe('{TaskId}');
    expect(processors.resourcedetection.detectors).toEqual(['ecs']);
    for (const pipeline of Object.values(service.pipelines)) {
      expect(pipeline.processors).toEqual([
        'memory_limiter',
        'resourcedetection',
        'resource',
        'batch',
      ]);
    }
  });

  it('has the standard Container Insights, which all that is drawn of tasks is in', async () => {
    expect((await stackOf('dev')).inputs(':Cluster').settings).toEqual([
      { name: 'containerInsights', value: 'enabled' },
    ]);
  });

  it('pitfall 24: lets no role of a task make a log group', async () => {
    const view = await stackOf('prod');
    for (const policy of ['-task-policy', '-exec-policy']) {
      expect(view.rights(policy).LogGroupsBelongToTheStack).toEqual({
        Sid: 'LogGroupsBelongToTheStack',
        Effect: 'Deny',
        Action: 'logs:CreateLogGroup',
        Resource: '*',
      });
    }
  });
});
