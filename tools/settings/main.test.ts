// Tests that what is generated says what its source says.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { SETTINGS } from '../../infra/settings/settings';
import { knownStacks, PROJECT_DIRECTORY } from '../../recorder/stack-file';

interface ProjectFile {
  config: Record<string, { type: string; default: unknown; description: string }>;
  template: {
    config: Record<string, { description: string; default?: string }>;
    quickstart: string;
  };
}

const project = parse(readFileSync(join(PROJECT_DIRECTORY, 'Pulumi.yaml'), 'utf8')) as ProjectFile;

/** In a process of its own: prettier loads itself as a module, which the test runner cannot. */
function run(flag: string): { status: number | null; stderr: string } {
  return spawnSync(
    process.execPath,
    ['-r', require.resolve('../tsx.cjs'), join(PROJECT_DIRECTORY, 'tools/settings/main.ts'), flag],
    { cwd: PROJECT_DIRECTORY, encoding: 'utf8' },
  );
}

describe('npm run settings', () => {
  it('has nothing left to write: the table and the schemas are what their sources say', () => {
    const { status, stderr } = run('--check');
    expect([status, stderr]).toEqual([0, '']);
  });

  it('explains itself, and refuses what it does not know', () => {
    expect(run('--help')).toMatchObject({ status: 0, stderr: '' });
    expect(run('--nope')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('"--nope" is not understood') as string,
    });
  });

  it('puts every setting into the schema that it has a type for, with a default', () => {
    const typed = Object.entries(SETTINGS).filter(([, { type }]) => type !== 'object');
    expect(Object.keys(project.config)).toEqual(typed.map(([key]) => key));
    for (const { description, ...rest } of Object.values(project.config)) {
      expect(rest).toHaveProperty('default');
      expect(description).not.toBe('');
    }
  });
});

describe.each(knownStacks())('Pulumi.%s.yaml', (stack) => {
  it('gives every value in the type that the schema has for it', () => {
    const file = join(PROJECT_DIRECTORY, `Pulumi.${stack}.yaml`);
    const { config } = parse(readFileSync(file, 'utf8')) as { config: Record<string, unknown> };
    for (const [fullKey, value] of Object.entries(config)) {
      const [namespace, key = ''] = fullKey.split(':');
      const given = Array.isArray(value)
        ? 'array'
        : Number.isInteger(value)
          ? 'integer'
          : typeof value;
      const expected = namespace === 'aws' ? 'string' : (project.config[key]?.type ?? 'object');
      expect([fullKey, given]).toEqual([fullKey, expected]);
    }
  });
});

describe('pulumi new', () => {
  it('asks for the region alone', () => {
    expect(project.template.config).toEqual({
      'aws:region': { description: expect.any(String) as string, default: 'eu-central-1' },
    });
  });

  it('says at the end how to set the rest, by settings that exist and values that are legal', () => {
    const commands = [...project.template.quickstart.matchAll(/pulumi config set (\w+) (\S+)/g)];
    expect(commands.length).toBeGreaterThan(2);
    for (const [, key = '', value = ''] of commands) {
      expect(SETTINGS).toHaveProperty(key);
      expect(() => SETTINGS[key as keyof typeof SETTINGS].parse(value)).not.toThrow();
    }
  });
});
