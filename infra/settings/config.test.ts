// Tests of the configuration's reader.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import * as pulumi from '@pulumi/pulumi';
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
    for (const [key, setting] of Object.entries(SETTINGS)) {
      expect([key, config[key as keyof typeof config]]).toEqual([key, setting.fallback]);
    }
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
    });
    await expect(failing).rejects.toThrow(/stack "dev" has 6 problems/);
    for (const problem of [
      'aws:region is "Frankfurt", expected a region',
      'gatehouse:zones is "4", expected a whole number, 2 to 3.',
      'gatehouse:egress is "nat", expected `single`, `per-az`, `endpoints`.',
      'gatehouse:protect is "yes", expected `true`, `false`.',
      'gatehouse:replicaRegions is "us-east-1", expected a list',
      'gatehouse:image is "acme/api:latest", expected `registry/repository@sha256:',
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
      /gatehouse:nope is not a setting\. Legal keys: protect, vpcCidr/,
    );
    await expect(read({ 'aws:nope': '1', 'other:key': 'x' })).resolves.toBeDefined();
  });

  it('never prints a secret value', async () => {
    const failing = read(
      { 'gatehouse:alarmEmail': 'hunter2' },
      { secrets: ['gatehouse:alarmEmail'] },
    );
    await expect(failing).rejects.toThrow('gatehouse:alarmEmail is a secret, expected an e-mail');
    await expect(failing).rejects.not.toThrow('hunter2');
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

describe('SETTINGS', () => {
  it('has none that is read and ignored: every one is used somewhere in the program', () => {
    const program = readdirSync(join(__dirname, '..'), { encoding: 'utf8', recursive: true })
      .filter((file) => file.endsWith('.ts') && !/\.test\.ts$|^settings\/settings/.test(file))
      .map((file) => readFileSync(join(__dirname, '..', file), 'utf8'))
      .join('\n');
    // `config.zones`, or `const { zones, … } = config` and parameters of the kind.
    const used = (key: string): boolean =>
      new RegExp(`config\\.${key}\\b|\\{[^{}]*\\b${key}\\b[^{}]*\\} = config\\b`).test(program);
    expect(Object.keys(SETTINGS).filter((key) => !used(key))).toEqual([]);
  });
});
