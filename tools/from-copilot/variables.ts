// Variables and secrets of a manifest as a workload file has them.
import { extensionProblems } from '../../contracts/workload-problems';
import { SETTINGS } from '../../infra/settings/settings';
import type { ReadManifest } from './manifest';
import type { Notes } from './notes';

/** What the manifest does not say. */
export interface Surroundings {
  /** Copilot's application and environment, which names in a manifest may be made of. */
  readonly application?: string;
  readonly environment?: string;
  /** Where the stack is; @default that of the image, when it is in ECR. */
  readonly region?: string;
  /** Account of the secrets; @default that of the image, when it is in ECR. */
  readonly account?: string;
}

/** Names that Copilot fills in when it deploys. */
function filledIn(
  text: string,
  { application, environment, region, account }: Surroundings,
): string | undefined {
  const values: Record<string, string | undefined> = {
    COPILOT_APPLICATION_NAME: application,
    COPILOT_ENVIRONMENT_NAME: environment,
    AWS_REGION: region,
    AWS_ACCOUNT_ID: account,
  };
  let isWhole = true;
  const filled = text.replace(/\$\{(\w+)\}/g, (_whole, variable: string) => {
    const value = values[variable];
    if (value === undefined) isWhole = false;
    return value ?? '';
  });
  return isWhole ? filled : undefined;
}

const UNFILLED = 'it is made of names that Copilot fills in: pass --application and --environment';

/** Variables in clear. */
export function environmentOf(
  { manifest, line }: ReadManifest,
  where: Surroundings,
  notes: Notes,
): { environment?: Record<string, string> } {
  const environment: Record<string, string> = {};
  const own = logLevelOf({ manifest }) === undefined ? [] : ['LOG_LEVEL'];
  for (const [name, value] of Object.entries(manifest.variables ?? {})) {
    if (own.includes(name)) continue;
    const at = line('variables', name);
    const text = typeof value === 'object' ? undefined : filledIn(String(value), where);
    const [problem] = extensionProblems(undefined, {
      environment: { [name]: text ?? '' },
      secrets: {},
    });
    if (typeof value === 'object') {
      notes.lose(at, `variable ${name}`, 'it comes from a CloudFormation export: write its value');
    } else if (text === undefined) notes.lose(at, `variable ${name}`, UNFILLED);
    else if (problem !== undefined) notes.lose(at, `variable ${name}`, problem);
    else environment[name] = text;
  }
  notes.lose(
    0,
    'COPILOT_… variables',
    'the process gets PORT, ORIGIN_SECRET and those of its tables',
  );
  return Object.keys(environment).length === 0 ? {} : { environment };
}

/** The one variable of the platform's that many programs have. */
export function logLevelOf({
  manifest: { variables = {} },
}: Pick<ReadManifest, 'manifest'>): { 'gatehouse:logLevel': string } | undefined {
  try {
    return { 'gatehouse:logLevel': SETTINGS.logLevel.parse(String(variables.LOG_LEVEL)) };
  } catch {
    return undefined;
  }
}

/** Variables that hold secrets, by ARN. */
export function secretsOf(
  { manifest, line }: ReadManifest,
  where: Surroundings,
  notes: Notes,
): { secrets?: Record<string, string> } {
  const secrets: Record<string, string> = {};
  for (const [name, value] of Object.entries(manifest.secrets ?? {})) {
    const at = line('secrets', name);
    const told = typeof value === 'string' ? value : value.secretsmanager;
    const text = told === undefined ? undefined : filledIn(told, where);
    const arn = text === undefined ? undefined : arnOf(text, typeof value === 'string', where);
    const [problem] = extensionProblems(undefined, {
      environment: {},
      secrets: { [name]: arn ?? '' },
    });
    if (told === undefined) {
      notes.lose(at, `secret ${name}`, 'it comes from a CloudFormation export: write its ARN');
    } else if (text === undefined) notes.lose(at, `secret ${name}`, UNFILLED);
    else if (arn !== undefined && problem === undefined) secrets[name] = arn;
    else {
      const isParameter = typeof value === 'string';
      notes.lose(
        at,
        `secret ${name}`,
        isParameter ? 'its ARN has an account: pass --account and --region' : 'see "To do"',
      );
      if (!isParameter) {
        notes.toDo.push(
          `Put the ARN of ${text} into secrets.${name} of the workload file: aws secretsmanager describe-secret --secret-id '${text}' --query ARN`,
        );
      }
    }
  }
  return Object.keys(secrets).length === 0 ? {} : { secrets };
}

/** The ARN of a parameter follows from its name; that of a secret has six characters that nobody can guess. */
function arnOf(
  text: string,
  isParameter: boolean,
  { region, account }: Surroundings,
): string | undefined {
  if (text.startsWith('arn:')) return text;
  if (!isParameter || region === undefined || account === undefined) return undefined;
  return `arn:aws:ssm:${region}:${account}:parameter/${text.replace(/^\//, '')}`;
}
