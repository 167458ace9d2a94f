// The only reader of pulumi.Config: typed settings, every problem reported at once.
import * as pulumi from '@pulumi/pulumi';
import { REGION } from '../../contracts/aws-limits';
import { nearest } from '../../contracts/did-you-mean';
import type { Workload } from '../../contracts/workload';
import { adoptionProblems } from './adoption';
import { contradictions, secretsOutOfReach } from './contradictions';
import { defaultText, type Setting } from './kinds';
import { RETIRED, SETTINGS, type Values } from './settings';
import { chooseWorkload, type Source, type WorkloadSettings } from './workload';

/** The platform's configuration: the settings, and in the place of those that name it what runs. */
export type Config = Omit<Values, keyof WorkloadSettings> & {
  /** The API behind the platform, with what the stack adds to it. */
  readonly workload: Workload;
  readonly source: Source;
};

/** Namespace of the settings in the stack files that come with the repository. */
const NAMESPACE = 'gatehouse';

/** Reads and checks the stack's configuration; throws once, naming all problems. */
export function readConfig(): Config {
  const problems: string[] = [];
  const wrong: string[] = [];
  const read = (key: string, setting: Setting<unknown>): unknown => {
    const { fullKey, text } = find(key, setting);
    if (text === undefined) return setting.fallback;
    const isHidden = isSecret(fullKey);
    try {
      if (isHidden && setting.type === 'object') throw new Error(NOT_ENCRYPTED);
      return setting.parse(text);
    } catch (error) {
      const shown = isHidden ? 'a secret' : `"${text}"`;
      problems.push(`${fullKey} is ${shown}, expected ${(error as Error).message}`);
      wrong.push(key);
      return setting.fallback;
    }
  };
  const settings = Object.fromEntries(
    Object.entries<Setting<unknown>>(SETTINGS).map(([key, setting]) => [key, read(key, setting)]),
  );
  problems.push(...unknownKeys());

  const aws = new pulumi.Config('aws');
  const region = aws.get('region') ?? '';
  const profile = aws.get('profile');
  if (!REGION.test(region)) {
    const found = region === '' ? 'missing' : `"${region}"`;
    problems.push(`aws:region is ${found}, expected a region such as "eu-central-1".`);
    wrong.push('region');
  }
  const values = {
    ...settings,
    region,
    ...(profile === undefined ? {} : { profile }),
  } as Values;
  problems.push(...contradictions(values, wrong));
  const { service, workload: file, image, environment, secrets, ...rest } = values;
  const chosen = chooseWorkload(
    { service, workload: file, image, environment, secrets },
    values.compute,
  );
  problems.push(...chosen.problems, ...secretsOutOfReach(values, chosen.workload?.secrets ?? {}));
  if (chosen.workload !== undefined && !wrong.some((key) => key.startsWith('adopt'))) {
    problems.push(...adoptionProblems(values, chosen.workload));
  }
  if (problems.length > 0 || chosen.workload === undefined) throw configError(problems);
  return { ...rest, workload: chosen.workload, source: chosen.source };
}

/** Variables stand in clear in the task definition, and ARNs are none. */
const NOT_ENCRYPTED =
  'values in clear: keep what is secret in Secrets Manager or SSM, and name its ARN in gatehouse:secrets.';

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
      const near = nearest(key, known);
      const hint =
        (Object.hasOwn(RETIRED, key) ? RETIRED[key] : undefined) ??
        (near === undefined ? 'docs/settings.md lists them all.' : `Did you mean ${near}?`);
      return `${namespace}:${key} is not a setting. ${hint}`;
    });
}
