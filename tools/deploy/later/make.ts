// Makes the helper: a role, a function that holds the sweep's own code, and the schedule that starts it every hour.
import { join } from 'node:path';
import { CreateFunctionCommand } from '@aws-sdk/client-lambda';
import { buildSync } from 'esbuild';
import { GLOBAL_REGION } from '../../../contracts/aws-limits';
import { isFault, Region } from '../aws';
import { DeployError, type DeployIo } from '../io';
import { helperPolicy, POLICY_NAME, trustDocument, type Errand } from './helper';
import { schedulePath } from './removal';
import { zipOf } from './zip';

/** Replicas go in hours; whatever is in their way is then no matter of patience. */
export const DAYS = 3;
/** A new role is known everywhere within seconds. */
const PAUSE_MS = 5000;
const ATTEMPTS = 12;
/** Calls of a function that has little to do, in every region. */
const TIMEOUT_SECONDS = 300;

/** Makes what is not there yet. @returns when the schedule ends by itself at the latest. */
export async function makeHelper(errand: Errand, accountId: string, io: DeployIo): Promise<Date> {
  const { name } = errand;
  const region = new Region(GLOBAL_REGION);
  const arn = `arn:aws:lambda:${GLOBAL_REGION}:${accountId}:function:${name}`;
  const roleArn = `arn:aws:iam::${accountId}:role/${name}`;
  await makeRole(region, errand, accountId);
  await onceKnown(io, () =>
    region.lambda().send(
      new CreateFunctionCommand({
        FunctionName: name,
        Description: 'Deletes what a destroyed stack left behind, then itself.',
        Role: roleArn,
        Runtime: 'nodejs22.x',
        Architectures: ['arm64'],
        Handler: 'index.handler',
        Timeout: TIMEOUT_SECONDS,
        MemorySize: 256,
        Code: { ZipFile: zipOf('index.js', helperCode()) },
      }),
    ),
  );
  const end = new Date(io.now() + DAYS * 86_400_000);
  await onceKnown(io, () =>
    region.rest('scheduler', 'POST', schedulePath(name), {
      Description: 'Deletes what a destroyed stack left behind, then itself.',
      ScheduleExpression: 'rate(1 hour)',
      EndDate: Math.floor(end.getTime() / 1000),
      FlexibleTimeWindow: { Mode: 'OFF' },
      ActionAfterCompletion: 'DELETE',
      Target: {
        Arn: arn,
        RoleArn: roleArn,
        Input: JSON.stringify(errand),
        // It comes again in an hour; https://docs.aws.amazon.com/scheduler/latest/APIReference/API_RetryPolicy.html
        RetryPolicy: { MaximumRetryAttempts: 0 },
      },
    }),
  );
  return end;
}

/** The handler in one file; the SDK's clients are in Lambda's runtime. */
export function helperCode(): string {
  const { outputFiles } = buildSync({
    entryPoints: [join(__dirname, 'handler.ts')],
    bundle: true,
    minify: true,
    write: false,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    external: ['@aws-sdk/*'],
    logLevel: 'silent',
  });
  return outputFiles.map(({ text }) => text).join('');
}

async function makeRole(region: Region, errand: Errand, accountId: string): Promise<void> {
  const iam = (Action: string, input: Record<string, string>): Promise<unknown> =>
    region.query('iam', { Action, Version: '2010-05-08', RoleName: errand.name, ...input });
  await unlessThere(
    iam('CreateRole', {
      Description: 'Deletes what a destroyed stack left behind, then itself.',
      AssumeRolePolicyDocument: JSON.stringify(trustDocument(accountId)),
    }),
  );
  await iam('PutRolePolicy', {
    PolicyName: POLICY_NAME,
    PolicyDocument: JSON.stringify(helperPolicy(accountId, errand)),
  });
}

/** Tries until Lambda and the scheduler know the role. */
async function onceKnown(io: DeployIo, call: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await unlessThere(call());
      return;
    } catch (error) {
      const { name, message } = error as Error;
      const isTooEarly =
        /^(InvalidParameterValue|Validation)Exception$/.test(name) && /role/i.test(message);
      if (!isTooEarly) throw error;
      if (attempt === ATTEMPTS) {
        throw new DeployError(`AWS does not come to know the new role: ${message}`, {
          cause: error,
        });
      }
      await io.sleep(PAUSE_MS);
    }
  }
}

async function unlessThere(call: Promise<unknown>): Promise<void> {
  await call.catch((error: unknown) => {
    const there = ['EntityAlreadyExists', 'ResourceConflictException', 'ConflictException'];
    if (!isFault(error, ...there)) throw error;
  });
}
