// Finds the keys table that a command means: of a deployed stack, by flags, or of the local platform.
import { execFile, type ExecFileException } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { AccessRule } from '../../contracts/access';
import { GLOBAL_REGION } from '../../contracts/aws-limits';
import { keyEnvironment } from '../../contracts/api-key';
import type { KeyCounter } from '../../contracts/metrics';
import { declarationShape } from '../../contracts/workload-schema';
import { errorOf, noCli } from '../deploy/engine-errors';
import type { findRunningPlatform } from '../local/state';
import { KeyError } from './key-error';
import type { KeysTable } from './table';

/** The flags that name a target. */
export interface TargetFlags {
  readonly stack?: string;
  readonly local?: boolean;
  readonly port?: number;
  readonly table?: string;
  readonly region?: string;
  /** Regions to read the edge's sample from, in place of the outputs of the stack. */
  readonly edgeRegion?: readonly string[];
}

export interface Target {
  readonly keys: KeysTable;
  /** Name of the stack, the metrics' dimension. */
  readonly stack: string;
  /** Environment part of its keys. */
  readonly environment: string;
  readonly region: string;
  /** Regions whose edge logs are kept. */
  readonly edgeRegions: readonly string[];
  /** Who counts requests by key; both where nobody says, none where nobody does. */
  readonly keyCounters: readonly KeyCounter[];
  /** Base URL of the local platform's console; undefined on AWS. */
  readonly console?: string;
  /**
   * Scopes that a key may carry; undefined where nobody says (`--table` and `--region`).
   * @throws KeyError when the platform should say and does not.
   */
  readonly scopes: () => readonly string[] | undefined;
  /** Undefined where nobody says. */
  readonly api?: Api | undefined;
}

/** The API behind a target, as far as somebody who gets a key must know it. */
export interface Api {
  /** Address that clients call. */
  readonly url: string;
  readonly rules: readonly AccessRule[];
}

/** Thrown for flags that do not go together: wrong usage, exit code 2. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** Credentials that the local endpoint wants to see and does not check. */
const LOCAL_CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };

const PROJECT_FOLDER = resolve(__dirname, '../..');

/**
 * @param local finds the running local platform.
 * @throws UsageError for flags that do not go together, KeyError when the target is not there.
 */
export async function resolveTarget(
  flags: TargetFlags,
  local: typeof findRunningPlatform,
): Promise<Target> {
  checkFlags(flags);
  if (flags.local === true) {
    return localTarget(flags.port, local);
  }
  const stack = flags.stack as string;
  const environment = environmentOf(stack);
  const { table, region, edgeRegions, keyCounters, scopes, api }: StackOutputs =
    flags.table !== undefined && flags.region !== undefined
      ? {
          table: flags.table,
          region: flags.region,
          keyCounters: countersOf(undefined),
          scopes: () => undefined,
        }
      : await stackOutputs(stack);
  return {
    keys: { client: new DynamoDBClient({ region }), table },
    stack: stack.slice(stack.lastIndexOf('/') + 1),
    environment,
    region,
    // us-east-1 always keeps edge logs: the function is published there.
    edgeRegions: flags.edgeRegion ?? edgeRegions ?? [...new Set([region, GLOBAL_REGION])],
    keyCounters,
    scopes,
    api,
  };
}

function environmentOf(stack: string): string {
  try {
    return keyEnvironment(stack);
  } catch (error) {
    throw new UsageError((error as Error).message, { cause: error });
  }
}

function checkFlags({ stack, local, port, table, region }: TargetFlags): void {
  if ((stack === undefined) === (local !== true)) {
    throw new UsageError('Name one target: --stack NAME for a deployed stack, or --local.');
  }
  if (port !== undefined && local !== true) {
    throw new UsageError('--port goes with --local: it is the port of the local platform.');
  }
  if ((table === undefined) !== (region === undefined) || (table !== undefined && local === true)) {
    throw new UsageError(
      '--table and --region go together, with --stack: they replace its outputs.',
    );
  }
}

function localTarget(port: number | undefined, local: typeof findRunningPlatform): Target {
  let platform: ReturnType<typeof findRunningPlatform>;
  try {
    platform = local(port);
  } catch (error) {
    throw new KeyError((error as Error).message, { cause: error });
  }
  const { aws, region, keysTable, stack, console, scopes, edge, rules, keysCountedBy } = platform;
  return {
    keys: {
      client: new DynamoDBClient({ endpoint: aws, region, credentials: LOCAL_CREDENTIALS }),
      table: keysTable,
    },
    stack,
    environment: keyEnvironment(stack),
    region,
    edgeRegions: [region],
    keyCounters: countersOf(keysCountedBy),
    console,
    scopes: () => declared(scopes, 'the local platform', 'Start it again ("npm run local")'),
    api: apiOf(edge, rules),
  };
}

/** @param remedy What makes the platform say them. */
function declared(
  scopes: readonly string[] | undefined,
  platform: string,
  remedy: string,
): readonly string[] {
  if (scopes !== undefined) return scopes;
  throw new KeyError(
    `The scopes that a key may carry are not known: ${platform} does not name them. ${remedy}.`,
  );
}

interface StackOutputs {
  readonly table: string;
  readonly region: string;
  readonly edgeRegions?: readonly string[] | undefined;
  readonly keyCounters: readonly KeyCounter[];
  readonly scopes: Target['scopes'];
  readonly api?: Api | undefined;
}

/** Asks the `pulumi` CLI, so that whatever backend the stack is in is found. */
async function stackOutputs(stack: string): Promise<StackOutputs> {
  let text: string;
  try {
    const { stdout } = await promisify(execFile)(
      'pulumi',
      ['stack', 'output', '--json', '--non-interactive', '--stack', stack],
      { cwd: PROJECT_FOLDER, env: process.env },
    );
    text = stdout;
  } catch (error) {
    const { code, stderr = '', message } = error as ExecFileException;
    // A number is the exit code of a process that ran.
    const { message: why } =
      typeof code === 'number'
        ? errorOf({ stack, code, text: stderr, violations: [] })
        : noCli('pulumi', message);
    throw new KeyError(
      `The outputs of the stack "${stack}" could not be read. ${why}\n` +
        'Or give --table and --region.',
      { cause: error },
    );
  }
  return readOutputs(stack, text);
}

function readOutputs(stack: string, text: string): StackOutputs {
  const { keysTable, region, edgeRegions, keysCountedBy, scopes, url, rules } = parseObject(text);
  if (typeof keysTable !== 'string' || typeof region !== 'string') {
    throw new KeyError(
      `The stack "${stack}" has no outputs keysTable and region. Deploy it first ` +
        `("npm run up -- ${stack}"), or give --table and --region.`,
    );
  }
  const isList =
    Array.isArray(edgeRegions) && edgeRegions.every((name) => typeof name === 'string');
  const isMap = typeof scopes === 'object' && scopes !== null;
  return {
    table: keysTable,
    region,
    edgeRegions: isList ? edgeRegions : undefined,
    keyCounters: countersOf(keysCountedBy),
    api: apiOf(url, rules),
    scopes: () =>
      declared(
        isMap ? Object.keys(scopes) : undefined,
        `the stack "${stack}" (output scopes)`,
        `Deploy it again ("npm run up -- ${stack}"), or give --table and --region: then scopes are ` +
          'not checked',
      ),
  };
}

/** Both for a platform that was made before it said so: before, the edge counted. */
function countersOf(keysCountedBy: unknown): readonly KeyCounter[] {
  const both = ['service', 'edge'] as const;
  return keysCountedBy === undefined ? both : both.filter((each) => each === keysCountedBy);
}

/** Undefined for a platform that was made before it said so. */
function apiOf(url: unknown, rules: unknown): Api | undefined {
  const { success, data } = declarationShape.rules.safeParse(rules);
  return typeof url === 'string' && success ? { url, rules: data as AccessRule[] } : undefined;
}

/** An empty object for what is no JSON object: it has no outputs either. */
function parseObject(text: string): Partial<Record<string, unknown>> {
  try {
    return { ...(JSON.parse(text) as object | null) };
  } catch {
    return {};
  }
}
