// What a load is sent to: a URL that was named, or the platform that runs here, with a key of its own.
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { RATE_WINDOW_SECONDS } from '../../contracts/aws-limits';
import type { AccessRule } from '../../contracts/access';
import { keyEnvironment } from '../../contracts/api-key';
import gatehouse from '../../infra/index';
import { SETTINGS } from '../../infra/settings/settings';
import { record } from '../../recorder/record';
import { workload } from '../../service/workload';
import { issueKey } from '../keys/store';
import { clientOf } from '../local/aws/access';
import { read as readWaf } from '../local/front/waf';
import { samplePath } from '../local/sample-path';
import { findRunningPlatform } from '../local/state';
import type { RunningPlatform } from '../local/state';
import { tryOnce } from './open-loop';
import type { Call } from './open-loop';
import type { RateLimit } from './shape';

export interface TargetFlags {
  readonly url?: URL;
  readonly key?: string;
  readonly port?: number;
  readonly path?: string;
}

export interface Target extends Call {
  /** Limits of the stack; by their defaults where nobody can be asked. */
  readonly limits: readonly RateLimit[];
  /** Whether the limits are those of the stack, not the defaults. */
  readonly knowsLimits: boolean;
}

const KEY_LIFETIME_SECONDS = 7200;
/** What a stack has unless its settings say otherwise. */
const DEFAULT_LIMITS: RateLimit[] = (
  ['requestsPerSecondPerKey', 'requestsPerSecondPerIp'] as const
).map((name) => ({
  name,
  limit: SETTINGS[name].fallback * RATE_WINDOW_SECONDS,
  windowSeconds: RATE_WINDOW_SECONDS,
}));

/** @throws Error when nothing runs, nothing answers, or the API refuses the key or the path. */
export async function findTarget(
  flags: TargetFlags,
  find: typeof findRunningPlatform = findRunningPlatform,
): Promise<Target> {
  const target =
    flags.url === undefined ? await localTarget(flags, find(flags.port)) : remote(flags);
  refuse(await tryOnce(target), target.url);
  return target;
}

function remote({ url, key, path }: TargetFlags): Target {
  const { href, pathname } = url as URL;
  const named = path ?? (pathname === '/' ? listPath(workload.rules) : undefined);
  return {
    ...{ url: named === undefined ? new URL(href) : new URL(named, href), key },
    ...{ limits: DEFAULT_LIMITS, knowsLimits: false },
  };
}

async function localTarget({ path }: TargetFlags, platform: RunningPlatform): Promise<Target> {
  const { edge, rules, stack } = platform;
  const [key, limits] = await Promise.all([keyOf(platform), limitsOf(stack)]);
  return {
    url: new URL(path ?? listPath(rules), edge),
    key,
    limits: limits ?? DEFAULT_LIMITS,
    knowsLimits: limits !== undefined,
  };
}

/** The recorded rate rules of a stack; undefined where its file is not here to be read. */
async function limitsOf(stack: string): Promise<RateLimit[] | undefined> {
  const recording = await record(stack, { program: gatehouse }).catch(() => undefined);
  return recording === undefined ? undefined : readWaf(recording).rules;
}

/** The first path below a scope that may be read without naming one thing. */
export function listPath(rules: readonly AccessRule[]): string {
  const readable = rules.filter(({ methods }) => methods.includes('GET'));
  const rule =
    readable.find(({ scope, path }) => scope !== undefined && !samplePathIsOfOne(path)) ??
    readable.find(({ scope }) => scope !== undefined) ??
    readable[0];
  return rule === undefined ? '/' : samplePath(rule);
}

function samplePathIsOfOne(path: string): boolean {
  return path.replace(/\/\*\*$/, '').includes('*');
}

async function keyOf({ aws, region, keysTable, stack, scopes }: RunningPlatform): Promise<string> {
  const client = new DynamoDBClient(clientOf({ url: aws, region }));
  try {
    const { key } = await issueKey(
      { client, table: keysTable },
      {
        ...{ environment: keyEnvironment(stack), owner: 'load@localhost', name: 'npm run load' },
        ...{ scopes, expiresInSeconds: KEY_LIFETIME_SECONDS },
      },
      { who: 'npm run load', from: 'local platform' },
    );
    return key;
  } finally {
    client.destroy();
  }
}

const REFUSALS: Record<number, string> = {
  401: 'the key is missing, wrong, expired or revoked: give a good one with --key',
  403: 'the key lacks the scope of this path, or no rule of the API names it: choose another with --path, or a key with its scope',
  404: 'there is nothing at this path: name one with --path',
  429: "the stack's rate limit is already used up: wait a minute, or raise gatehouse:requestsPerSecondPerIp",
};

function refuse(status: number, { origin, pathname }: URL): void {
  if (status < 400) return;
  const why = REFUSALS[status] ?? 'load would only count failures: see what is wrong with it first';
  throw new Error(`GET ${pathname} at ${origin} answers ${status} before any load: ${why}.`);
}
