// Tests of the configuration's reader.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
import fc from 'fast-check';
import { readConfig } from './config';
import { SETTINGS } from './settings';

/** Reads the configuration of a stack with these values. */
async function read(
  values: Record<string, string>,
  options: { project?: string; secrets?: string[] } = {},
): Promise<ReturnType<typeof readConfig>> {
  const none = { call: () => ({}), newResource: () => ({ id: '', state: {} }) };
  await pulumi.runtime.setMocks(none, options.project ?? 'gatehouse', 'dev');
  pulumi.runtime.setAllConfig({ 'aws:region': 'eu-central-1', ...values }, options.secrets);
  return readConfig();
}

describe('readConfig', () => {
  it('fills in the default of every setting', async () => {
    const config = await read({});
    const { service, workload, image, environment, secrets, ...rest } = SETTINGS;
    for (const [key, setting] of Object.entries(rest)) {
      expect([key, config[key as keyof typeof config]]).toEqual([key, setting.fallback]);
    }
    expect([service, workload, image].map(({ fallback }) => fallback)).toEqual(
      Array(3).fill(undefined),
    );
    expect([environment, secrets].map(({ fallback }) => fallback)).toEqual([{}, {}]);
    expect(config.source).toEqual({ kind: 'service', folder: 'service' });
    expect(config.workload.name).toBe('users');
  });

  it('reads every kind of value', async () => {
    const config = await read({
      'gatehouse:egress': 'endpoints',
      'gatehouse:zones': '2',
      'gatehouse:protect': 'false',
      'gatehouse:traceSampling': '0.25',
      'gatehouse:replicaRegions': '["us-east-1"]',
      'gatehouse:alarmEmail': 'oncall@example.com',
      'gatehouse:publicHealthPath': '/status/live',
      'gatehouse:environment': '{"RETRIES":3,"VERBOSE":true,"GREETING":"hello"}',
      'aws:profile': 'work',
    });
    expect(config).toMatchObject({
      egress: 'endpoints',
      zones: 2,
      protect: false,
      traceSampling: 0.25,
      replicaRegions: ['us-east-1'],
      alarmEmail: 'oncall@example.com',
      publicHealthPath: '/status/live',
      workload: { environment: { RETRIES: '3', VERBOSE: 'true', GREETING: 'hello' } },
      region: 'eu-central-1',
      profile: 'work',
    });
  });

  it('takes an empty text for not set', async () => {
    expect((await read({ 'gatehouse:domain': '' })).domain).toBeUndefined();
  });

  it('names all problems at once, each with the value and what was expected', async () => {
    const failing = read({
      'aws:region': 'Frankfurt',
      'gatehouse:zones': '4',
      'gatehouse:egress': 'nat',
      'gatehouse:protect': 'yes',
      'gatehouse:replicaRegions': 'us-east-1',
      'gatehouse:image': 'acme/api:latest',
      'gatehouse:environment': '["GREETING"]',
      'gatehouse:secrets': '{"TOKEN":"hunter2"}',
      'gatehouse:maxtask': '4',
      'gatehouse:minTasks': '11',
      'gatehouse:domain': 'api.example.com',
      'gatehouse:service': 'servce',
    });
    await expect(failing).rejects.toThrow(/stack "dev" has 12 problems/);
    for (const problem of [
      'aws:region is "Frankfurt", expected a region',
      'gatehouse:zones is "4", expected a whole number, 2 to 3.',
      'gatehouse:egress is "nat", expected `single`, `per-az`, `endpoints`.',
      'gatehouse:protect is "yes", expected `true`, `false`.',
      'gatehouse:replicaRegions is "us-east-1", expected a list',
      'gatehouse:image is "acme/api:latest", expected `registry/repository@sha256:',
      'gatehouse:environment is "["GREETING"]", expected a mapping of names to texts, such as',
      'gatehouse:secrets.TOKEN is "hunter2", expected the ARN',
      'gatehouse:maxtask is not a setting. Did you mean maxTasks?',
      'minTasks (11) is above maxTasks (10)',
      'domain is set without hostedZone',
      'gatehouse:service is "servce"',
      'Correct Pulumi.dev.yaml',
    ]) {
      await expect(failing).rejects.toThrow(problem);
    }
  });

  it.each(['healthz', '/', '/healthz/', '/a/../b', '/a//b', '/a%2Fb', '/a?b', '/a.b', '/*'])(
    'refuses to open %s to callers without a key: it is no plain path',
    async (path) => {
      await expect(read({ 'gatehouse:publicHealthPath': path })).rejects.toThrow(
        `gatehouse:publicHealthPath is "${path}", expected a plain path such as`,
      );
    },
  );

  it('asks for the region when it is missing', async () => {
    await expect(read({ 'aws:region': '' })).rejects.toThrow('aws:region is missing');
  });

  it('pitfall 25: refuses unknown keys, and says what was meant', async () => {
    await expect(read({ 'gatehouse:vpccidr': '10.0.0.0/16' })).rejects.toThrow(
      'gatehouse:vpccidr is not a setting. Did you mean vpcCidr?',
    );
    await expect(read({ 'gatehouse:nope': '1' })).rejects.toThrow(
      'gatehouse:nope is not a setting. docs/settings.md lists them all.',
    );
    await expect(read({ 'gatehouse:healthPath': '/healthz' })).rejects.toThrow(
      'is not a setting. The workload says it: `health` in its declaration.',
    );
    await expect(read({ 'aws:nope': '1', 'other:key': 'x' })).resolves.toBeDefined();
  });

  it('says what a word of elsewhere is called here', async () => {
    await expect(read({ 'gatehouse:compute': 'container' })).rejects.toThrow(
      'gatehouse:compute is "container", expected `fargate`, `lambda`. Did you mean fargate?',
    );
    await expect(read({ 'gatehouse:compute': 'lamda' })).rejects.toThrow('Did you mean lambda?');
    await expect(read({ 'gatehouse:compute': 'toString' })).rejects.toThrow(/`lambda`\.\n/);
  });

  it('refuses encrypted variables, which would stand in clear elsewhere', async () => {
    const secrets = ['gatehouse:environment'];
    const failing = read({ 'gatehouse:environment': '{"TOKEN":"hunter2"}' }, { secrets });
    await expect(failing).rejects.toThrow(
      'gatehouse:environment is a secret, expected values in clear: keep what is secret in Secrets',
    );
  });

  it('never prints a secret value', async () => {
    const failing = read(
      { 'gatehouse:alarmEmail': 'hunter2' },
      { secrets: ['gatehouse:alarmEmail'] },
    );
    await expect(failing).rejects.toThrow('gatehouse:alarmEmail is a secret, expected an e-mail');
    await expect(failing).rejects.not.toThrow('hunter2');
  });

  it('gives a configuration or names the problems, whatever the values are', async () => {
    const key = fc.constantFrom(...Object.keys(SETTINGS), 'nope', 'aws:region');
    const value = fc.oneof(
      fc.string(),
      fc.jsonValue().map((json) => JSON.stringify(json)),
      fc.constantFrom('true', '1', '-1', '1e9', '[]', '{}', 'service', 'lambda', 'NaN', '0.5'),
    );
    const values = fc.dictionary(key, value, { maxKeys: 6, noNullPrototype: true });
    await fc.assert(
      fc.asyncProperty(values, async (given) => {
        const named = Object.entries(given).map(([name, text]) => [
          name.includes(':') ? name : `gatehouse:${name}`,
          text,
        ]);
        try {
          expect((await read(Object.fromEntries(named) as typeof given)).workload.name).not.toBe(
            '',
          );
        } catch (error) {
          expect(pulumi.RunError.isInstance(error)).toBe(true);
          expect((error as Error).message).toMatch(
            /^The configuration of stack "dev" has .*:\n {2}- /,
          );
        }
      }),
      { numRuns: 300 },
    );
  });

  it('serves a project of another name, whose own settings win over the stack file', async () => {
    const values = { 'gatehouse:zones': '2', 'orders:zones': '3', 'gatehouse:minTasks': '5' };
    // 3 is the default, which the CLI fills in under the project's name: not a wish.
    expect((await read(values, { project: 'orders' })).zones).toBe(2);
    expect(
      (await read({ 'orders:minTasks': '4', ...values }, { project: 'orders' })).minTasks,
    ).toBe(4);
  });
});

describe('Config', () => {
  it('has nothing that is read and ignored: all is used somewhere in the program', async () => {
    const program = readdirSync(join(__dirname, '..'), { encoding: 'utf8', recursive: true })
      .filter(
        (file) =>
          file.endsWith('.ts') && !/\.test\.ts$|^settings\/(settings|contradictions)/.test(file),
      )
      .map((file) => readFileSync(join(__dirname, '..', file), 'utf8'))
      .join('\n');
    // `config.zones`, or `const { zones, … } = config` and parameters of the kind.
    const used = (key: string): boolean =>
      new RegExp(
        `config\\.${key}\\b|\\{[^{}]*\\b${key}\\b[^{}]*\\}( = config\\b|: Pick<Values)`,
      ).test(program);
    const config = await read({ 'aws:profile': 'work' });
    expect(Object.keys(config).filter((key) => !used(key))).toEqual([]);
  });
});
