// Tests of the recorder on small programs.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { record, type RecordedResource, type Recording } from './record';
import { PROJECT_DIRECTORY } from './stack-file';

type Program = () => Record<string, unknown>;

const run = (program: Program): Promise<Recording> =>
  record('dev', { program: () => Promise.resolve(program()) });
const byName = (recording: Recording, name: string): RecordedResource =>
  recording.resources.find((resource) => resource.name === name) ?? missing(name);

const missing = (name: string): never => {
  throw new Error(`${name} was not recorded.`);
};

class Box extends pulumi.ComponentResource {
  constructor(name: string) {
    super('test:box:Box', name);
    new aws.sns.Topic(`${name}-topic`, {}, { parent: this });
    this.registerOutputs({});
  }
}

describe('record', () => {
  it('keeps what mocks alone do not show', async () => {
    const recording = await run(() => {
      const topic = new aws.sns.Topic('topic', {}, { protect: true, retainOnDelete: true });
      new aws.sqs.Queue(
        'queue',
        { delaySeconds: 5 },
        {
          dependsOn: [topic],
          ignoreChanges: ['delaySeconds'],
          replaceOnChanges: ['name'],
          deleteBeforeReplace: true,
          customTimeouts: { create: '45m' },
        },
      );
      return {};
    });
    const topic = byName(recording, 'topic');
    expect(topic.options).toMatchObject({ protect: true, retainOnDelete: true });
    expect(byName(recording, 'queue').options).toMatchObject({
      protect: false,
      dependencies: [topic.urn],
      ignoreChanges: ['delaySeconds'],
      replaceOnChanges: ['name'],
      deleteBeforeReplace: true,
      customTimeouts: { create: '45m' },
    });
  });

  it('keeps what is taken over, under the id that it has', async () => {
    const id = '1234abcd-12ab-34cd-56ef-1234567890ab';
    const recording = await run(() => {
      new aws.kms.Key('key', { region: 'us-east-1' }, { import: `${id}@us-east-1` });
      new aws.dynamodb.Table('table', { name: 'gh-users-1' }, { import: 'gh-users-1' });
      new aws.sns.Topic('topic');
      return {};
    });
    expect(byName(recording, 'key')).toMatchObject({
      options: { import: `${id}@us-east-1` },
      outputs: { id, keyId: id, arn: `arn:aws:kms:us-east-1:123456789012:key/${id}` },
    });
    expect(byName(recording, 'table')).toMatchObject({
      options: { import: 'gh-users-1' },
      outputs: { id: 'gh-users-1', name: 'gh-users-1' },
    });
    expect(byName(recording, 'topic').options).not.toHaveProperty('import');
  });

  it('builds URNs by the engine’s rule', async () => {
    const recording = await run(() => {
      new Box('box');
      return {};
    });
    const box = byName(recording, 'box');
    expect(box.urn).toBe('urn:pulumi:dev::gatehouse::test:box:Box::box');
    expect(byName(recording, 'box-topic')).toMatchObject({
      urn: 'urn:pulumi:dev::gatehouse::test:box:Box$aws:sns/topic:Topic::box-topic',
      parent: box.urn,
    });
  });

  it('applies transforms as the engine does: a resource’s own, its ancestors’, the stack’s', async () => {
    const appending =
      (word: string): pulumi.ResourceTransform =>
      ({ type, props, opts }) =>
        type === 'aws:sns/topic:Topic'
          ? { props: { ...props, displayName: `${props.displayName ?? ''} ${word}` }, opts }
          : undefined;
    const recording = await run(() => {
      pulumi.runtime.registerResourceTransform(appending('stack'));
      const parent = new pulumi.ComponentResource(
        'test:box:Box',
        'parent',
        {},
        {
          transforms: [appending('parent')],
        },
      );
      new aws.sns.Topic('topic', {}, { parent, transforms: [appending('own')] });
      new aws.sns.Topic('other', {});
      return {};
    });
    expect(byName(recording, 'topic').inputs.displayName).toBe(' own parent stack');
    expect(byName(recording, 'other').inputs.displayName).toBe(' stack');
  });

  it('gives physical names like Pulumi’s, the same at every run', async () => {
    const program: Program = () => ({ arn: new aws.sns.Topic('topic', {}).arn });
    const [first, second] = [await run(program), await run(program)];
    expect(first.outputs.arn).toMatch(/^arn:aws:sns:eu-central-1:123456789012:topic-[0-9a-f]{7}$/);
    expect(second.outputs).toEqual(first.outputs);
  });

  it('hands back archives as text', async () => {
    const recording = await run(() => {
      new aws.lambda.Function('fn', {
        role: 'arn:aws:iam::1:role/r',
        code: new pulumi.asset.AssetArchive({
          'index.js': new pulumi.asset.StringAsset('exports.x = 1;'),
        }),
      });
      return {};
    });
    expect(byName(recording, 'fn').inputs.code).toEqual({
      assets: { 'index.js': { text: 'exports.x = 1;' } },
    });
  });

  it('writes down what the program asks of a provider, in order', async () => {
    const recording = await run(() => {
      const zone = aws.route53.getZoneOutput({ name: 'example.com' });
      const group = aws.ec2.getSecurityGroupOutput({ name: 'peers', vpcId: zone.zoneId });
      return { group: group.id };
    });
    expect(recording.invokes).toEqual([
      { token: 'aws:route53/getZone:getZone', args: { name: 'example.com' } },
      {
        token: 'aws:ec2/getSecurityGroup:getSecurityGroup',
        args: { name: 'peers', vpcId: expect.stringMatching(/^Z/) as unknown },
      },
    ]);
    expect(recording.outputs.group).toMatch(/^sg-/);
  });

  it('knows which values are secrets', async () => {
    const recording = await run(() => {
      const parameter = new aws.ssm.Parameter('p', {
        type: 'SecureString',
        value: pulumi.secret('hunter2'),
      });
      return { open: 'x', value: parameter.value, hidden: pulumi.secret('y') };
    });
    expect(byName(recording, 'p').secretInputs).toEqual(['value']);
    expect(byName(recording, 'p').inputs.value).toBe('hunter2');
    expect(recording.secretOutputs).toContain('hidden');
    expect(recording.secretOutputs).not.toContain('open');
  });

  it('fails where the engine or the CLI would: a URN twice, a throw, a throw that nobody awaits', () => {
    // In a process of its own: rejections that nobody awaits are the test runner's in here.
    const { stdout, stderr } = spawnSync(
      process.execPath,
      ['-r', './tools/tsx.cjs', join(__dirname, 'testing', 'failing-programs.ts')],
      { cwd: PROJECT_DIRECTORY, encoding: 'utf8' },
    );
    expect(JSON.parse(stdout || stderr)).toEqual({
      twice: expect.stringMatching(/^Two resources have the URN .*::topic: give one/) as string,
      throwing: expect.stringContaining('out of order') as string,
      late: expect.stringContaining('late trouble') as string,
      refused: expect.stringContaining('is refused') as string,
      fine: 'recorded 2',
    });
  });

  it('runs one program at a time', async () => {
    const first = run(() => ({}));
    await expect(run(() => ({}))).rejects.toThrow('A recording is under way');
    await first;
  });
});
