// Tests of the reader of Pulumi's project and stack files.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { knownStacks, readStackConfig } from './stack-file';

const made: string[] = [];
afterEach(() => {
  for (const folder of made.splice(0)) rmSync(folder, { recursive: true });
});

/** A project folder with these files. */
function project(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'project-'));
  made.push(folder);
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return folder;
}

const PROJECT =
  'name: acme\nconfig:\n  zones: { type: integer, default: 3 }\n  aws:region: { value: eu-west-1 }\n';

describe('readStackConfig', () => {
  it('merges the project’s defaults, the stack’s values and overrides', () => {
    const folder = project({
      'Pulumi.yaml': PROJECT,
      'Pulumi.dev.yaml': 'config:\n  acme:list: [a, b]\n  acme:flag: true\n  other:x: 1\n',
    });
    expect(readStackConfig('dev', { flag: undefined, 'other:x': 2 }, folder)).toEqual({
      project: 'acme',
      values: {
        'acme:zones': '3',
        'aws:region': 'eu-west-1',
        'acme:list': '["a","b"]',
        'other:x': '2',
      },
      secretKeys: [],
    });
  });

  it('knows an encrypted value as a secret, and does not need it', () => {
    const folder = project({
      'Pulumi.yaml': PROJECT,
      'Pulumi.dev.yaml': 'config:\n  acme:token:\n    secure: v1:abc:def\n',
    });
    const { secretKeys, values } = readStackConfig('dev', {}, folder);
    expect(secretKeys).toEqual(['acme:token']);
    expect(values['acme:token']).not.toContain('abc');
  });

  it('hands a mapping on as JSON, encrypted as a whole when a part of it is', () => {
    const folder = project({
      'Pulumi.yaml': PROJECT,
      'Pulumi.dev.yaml': `config:
  acme:environment:
    GREETING: hello
    RETRIES: 3
  acme:secrets:
    TOKEN: { secure: v1:abc:def }
    LIST: [a, { secure: v1:ghi:jkl }]
`,
    });
    const { values, secretKeys } = readStackConfig('dev', {}, folder);
    expect(JSON.parse(values['acme:environment'] ?? '')).toEqual({ GREETING: 'hello', RETRIES: 3 });
    expect(JSON.parse(values['acme:secrets'] ?? '')).toEqual({
      TOKEN: 'encrypted-value',
      LIST: ['a', 'encrypted-value'],
    });
    expect(secretKeys).toEqual(['acme:secrets']);
  });

  it.each([
    ['a stack without a file', {}, 'nope', /no stack "nope".*Known stacks: dev/],
    ['a name that is a path', {}, '../dev', /not a stack name/],
    ['a file that is no YAML', { 'Pulumi.bad.yaml': 'config: [' }, 'bad', /not valid YAML/],
    ['a file that is a list', { 'Pulumi.bad.yaml': '- a' }, 'bad', /must be a YAML mapping/],
    ['config that is a list', { 'Pulumi.bad.yaml': 'config: [a]' }, 'bad', /"config" must be/],
  ])('says what is wrong with %s', (_, files, stack, message) => {
    const folder = project({ 'Pulumi.yaml': PROJECT, 'Pulumi.dev.yaml': '', ...files });
    if (stack === 'nope') expect(knownStacks(folder)).toEqual(['dev']);
    expect(() => readStackConfig(stack, {}, folder)).toThrow(message);
  });

  it('says so when there is no project', () => {
    expect(() => readStackConfig('dev', {}, project({}))).toThrow(/Pulumi.yaml cannot be read/);
  });
});
