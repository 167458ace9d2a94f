// The only reader of pulumi.Config: typed settings, every problem reported at once.
import * as pulumi from '@pulumi/pulumi';
import { SETTINGS } from './settings';
import type { Setting } from './setting-kinds';

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** The platform's configuration: one property a setting, and the AWS provider's own. */
export type Config = { readonly [K in keyof Settings]: ValueOf<Settings[K]> } & {
  /** Home region: VPC, tables, service. */
  readonly region: string;
  /** AWS profile for the provider, when the stack names one. */
  readonly profile?: string;
};

const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

/** Reads and checks the stack's configuration; throws once, naming all problems. */
export function readConfig(): Config {
  const project = pulumi.getProject();
  const all = pulumi.runtime.allConfig();
  const config = new pulumi.Config();
  const problems: string[] = [];

  const values = Object.fromEntries(
    Object.entries<Setting<unknown>>(SETTINGS).map(([key, setting]) => {
      const text = config.get(key);
      if (text === undefined) return [key, setting.fallback];
      try {
        return [key, setting.parse(text)];
      } catch (error) {
        const shown = isSecret(`${project}:${key}`) ? 'a secret' : `"${text}"`;
        problems.push(`${project}:${key} is ${shown}, expected ${(error as Error).message}.`);
        return [key, setting.fallback];
      }
    }),
  );
  problems.push(...unknownKeys(Object.keys(all), project));

  const aws = new pulumi.Config('aws');
  const region = aws.get('region');
  if (region === undefined)
    problems.push('aws:region is missing, expected a region such as "eu-central-1".');
  else if (!REGION.test(region))
    problems.push(`aws:region is "${region}", expected a region such as "eu-central-1".`);
  const profile = aws.get('profile');

  const read = {
    ...values,
    region: region ?? '',
    ...(profile === undefined ? {} : { profile }),
  } as Config;
  problems.push(...contradictions(read));
  if (problems.length > 0) {
    throw new pulumi.RunError(
      `The configuration of stack "${pulumi.getStack()}" has ${problems.length} problem(s):\n` +
        problems.map((problem) => `  - ${problem}`).join('\n') +
        `\nCorrect Pulumi.${pulumi.getStack()}.yaml, or use "pulumi config set".`,
    );
  }
  return read;
}

/** Public at run time, left out of the package's types. */
function isSecret(fullKey: string): boolean {
  const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(fullKey);
}

function unknownKeys(keys: string[], project: string): string[] {
  const known = Object.keys(SETTINGS);
  return keys
    .filter((key) => key.startsWith(`${project}:`))
    .map((key) => key.slice(project.length + 1))
    .filter((key) => !known.includes(key))
    .map((key) => `${project}:${key} is not a setting. Legal keys: ${known.join(', ')}.`);
}

/** Settings that are legal alone and wrong together. */
function contradictions(config: Config): string[] {
  const problems: string[] = [];
  if (config.minTasks > config.maxTasks) {
    problems.push(`minTasks (${config.minTasks}) is above maxTasks (${config.maxTasks}).`);
  }
  return problems;
}
