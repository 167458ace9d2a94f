// The only reader of pulumi.Config: typed settings, every problem reported at once.
import * as pulumi from '@pulumi/pulumi';
import { contradictions } from './contradictions';
import { defaultText, type Setting } from './kinds';
import { SETTINGS } from './settings';

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

/** Namespace of the settings in the stack files that come with the repository. */
const NAMESPACE = 'gatehouse';

/** Reads and checks the stack's configuration; throws once, naming all problems. */
export function readConfig(): Config {
  const problems: string[] = [];
  const values = Object.fromEntries(
    Object.entries<Setting<unknown>>(SETTINGS).map(([key, setting]) => {
      const { fullKey, text } = find(key, setting);
      if (text === undefined) return [key, setting.fallback];
      try {
        return [key, setting.parse(text)];
      } catch (error) {
        const shown = isSecret(fullKey) ? 'a secret' : `"${text}"`;
        problems.push(`${fullKey} is ${shown}, expected ${(error as Error).message}.`);
        return [key, setting.fallback];
      }
    }),
  );
  problems.push(...unknownKeys());

  const aws = new pulumi.Config('aws');
  const region = aws.get('region') ?? '';
  const profile = aws.get('profile');
  if (!REGION.test(region)) {
    const found = region === '' ? 'missing' : `"${region}"`;
    problems.push(`aws:region is ${found}, expected a region such as "eu-central-1".`);
  }
  const config = { ...values, region, ...(profile === undefined ? {} : { profile }) } as Config;
  // Contradictions between values that are wrong already would only confuse.
  if (problems.length === 0) problems.push(...contradictions(config));
  if (problems.length > 0) throw configError(problems);
  return config;
}

/**
 * The text of a setting. A project made from this one by `pulumi new` may have another name, which
 * is the namespace of its own settings; the stack files that it started with keep this one's. The
 * CLI fills in defaults under the project's name, so a default there does not count as set.
 */
function find(key: string, setting: Setting<unknown>): { fullKey: string; text?: string } {
  const own = new pulumi.Config().get(key);
  const shared = new pulumi.Config(NAMESPACE).get(key);
  const isSet = own !== undefined && own !== defaultText(setting);
  const text = isSet ? own : (shared ?? own);
  const fullKey = `${isSet ? pulumi.getProject() : NAMESPACE}:${key}`;
  // An empty text is how Pulumi's schema writes "not set".
  return text === undefined || text === '' ? { fullKey } : { fullKey, text };
}

function configError(problems: string[]): Error {
  const stack = pulumi.getStack();
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  return new pulumi.RunError(
    `The configuration of stack "${stack}" has ${count}:\n` +
      problems.map((problem) => `  - ${problem}`).join('\n') +
      `\nCorrect Pulumi.${stack}.yaml, or use "pulumi config set".`,
  );
}

/** Public at run time, left out of the package's types. */
function isSecret(fullKey: string): boolean {
  const runtime = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return runtime.isConfigSecret(fullKey);
}

function unknownKeys(): string[] {
  const known = Object.keys(SETTINGS);
  return Object.keys(pulumi.runtime.allConfig())
    .map((fullKey) => fullKey.split(':'))
    .filter(([namespace]) => namespace === NAMESPACE || namespace === pulumi.getProject())
    .filter(([, key]) => key === undefined || !known.includes(key))
    .map(([namespace, key = '']) => {
      const near = known.find((each) => each.toLowerCase() === key.toLowerCase());
      const hint =
        near === undefined ? `Legal keys: ${known.join(', ')}.` : `Did you mean ${near}?`;
      return `${namespace}:${key} is not a setting. ${hint}`;
    });
}
