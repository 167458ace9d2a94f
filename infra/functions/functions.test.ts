// Tests of the functions of the workload's own: made where they are asked for, alone in their rights.
import { ORDERS, stackOf } from '../testing/stacks';

const PER_USER = { environment: { CREDENTIAL_KEYS: 'per-user' } };

describe('Functions', () => {
  it.each([
    ['one key for all', {}],
    ["somebody else's image", { ...ORDERS, ...PER_USER }],
  ])('are not made with %s', async (_what, config) => {
    const view = await stackOf('prod', config);
    // Whose code is bundled first is registered first.
    const names = view.all('lambda/function:Function').map(({ name }) => name);
    expect(names.sort()).toEqual(['gh-edge-fn', 'gh-key-check']);
    expect(view.recording.resources.filter(({ name }) => name.includes('-helper'))).toEqual([]);
    expect(JSON.stringify(view.container('service').environment)).not.toContain('KEY_KEEPER');
  });

  it('keep keys in a role of its own: with the tags of the stack, and no use of any', async () => {
    const view = await stackOf('prod', PER_USER);
    const rights = view.rights('-key-keeper-helper-policy');
    expect(Object.keys(rights).sort()).toEqual([
      'ForgetUsers',
      'LogGroupsBelongToTheStack',
      'MakeUserKeys',
      'WriteOwnLogs',
    ]);
    expect(rights.MakeUserKeys?.Condition).toMatchObject({
      StringEquals: { 'aws:RequestTag/gatehouse:stack': 'prod' },
    });
    const fn = view.one('lambda/function:Function', '-key-keeper-helper');
    expect(fn.inputs).toMatchObject({
      role: view.one('iam/role:Role', '-key-keeper-helper-role').outputs.arn,
      handler: 'index.handler',
      loggingConfig: {
        logFormat: 'JSON',
        logGroup: view.one('logGroup:LogGroup', '-key-keeper-helper-logs').outputs.name,
      },
    });
    expect(JSON.stringify(fn.inputs.code)).toContain('CreateKey');
    expect(view.inputs('logGroup:LogGroup', '-key-keeper-helper-logs')).toMatchObject({
      retentionInDays: view.inputs('logGroup:LogGroup', '-service-logs').retentionInDays,
    });
  });

  it('give the process the right to call them, their names, and none of their rights', async () => {
    for (const [compute, policy] of [
      ['fargate', '-task-policy'],
      ['lambda', '-fn-policy'],
    ] as const) {
      const view = await stackOf('prod', { ...PER_USER, compute });
      const fn = view.one('lambda/function:Function', '-key-keeper-helper');
      const { InvokeOwnFunctions, MakeUserKeys, ForgetUsers, NeverDecideOnKeys } =
        view.rights(policy);
      expect(InvokeOwnFunctions).toEqual({
        Sid: 'InvokeOwnFunctions',
        Effect: 'Allow',
        Action: 'lambda:InvokeFunction',
        Resource: [fn.outputs.arn],
      });
      expect([MakeUserKeys, ForgetUsers]).toEqual([undefined, undefined]);
      expect(NeverDecideOnKeys).toMatchObject({ Effect: 'Deny', Resource: '*' });
      const process =
        compute === 'fargate'
          ? JSON.stringify(view.container('service').environment)
          : JSON.stringify(view.inputs('lambda/function:Function', 'gh-fn').environment);
      expect(process).toContain(String(fn.outputs.name));
    }
  });

  it('make keys under which no role of the stack decrypts, and whose end is theirs to say', async () => {
    const view = await stackOf('prod', PER_USER);
    const { environment } = view.inputs('lambda/function:Function', '-key-keeper-helper');
    const { variables } = environment as { variables: Record<string, string> };
    expect(variables).toMatchObject({ STACK: 'prod' });
    const { Statement } = JSON.parse(variables.KEY_POLICY ?? '') as {
      Statement: { Sid: string; Action: string[]; Condition?: object }[];
    };
    const [account, noLife, seal] = Statement;
    expect(account).toMatchObject({
      Principal: { AWS: 'arn:aws:iam::123456789012:root' },
      Action: 'kms:*',
    });
    expect(noLife).toMatchObject({ Sid: 'NotByTheService', Effect: 'Deny' });
    expect(seal).toMatchObject({ Sid: 'SealedFromTheStack', Effect: 'Deny' });
    // KMS makes no key whose policy shuts its maker out, and the maker is the one to end it.
    expect(JSON.stringify([noLife?.Condition, seal?.Condition])).not.toContain('helper');
    expect(JSON.stringify(noLife?.Condition)).toContain('*-task-role-*');
    for (const name of ['gh-tables', 'gh-credentials']) {
      expect(view.inputs('kms/key:Key', name).policy).toContain('*-helper-role-*');
    }
  });

  it('have an alarm and a place on the dashboard', async () => {
    const view = await stackOf('prod', PER_USER);
    const name = String(view.one('lambda/function:Function', '-key-keeper-helper').outputs.name);
    expect(JSON.stringify(view.inputs('metricAlarm:MetricAlarm', '-key-keeper-failing'))).toContain(
      name,
    );
    expect(view.inputs(':Dashboard', 'gh-service').dashboardBody).toContain(name);
  });

  it('are reached from inside the VPC by an endpoint where there is no other way', async () => {
    const services = async (config: object) =>
      (await stackOf('prod', { egress: 'endpoints', ...config }))
        .all('ec2/vpcEndpoint:VpcEndpoint')
        .map(({ inputs }) => String(inputs.serviceName).split('.').at(-1));
    expect(await services(PER_USER)).toContain('lambda');
    expect(await services({})).not.toContain('lambda');
  });
});
