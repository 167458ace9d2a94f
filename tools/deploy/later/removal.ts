// Deletes the helper, by a sweep or by itself, and finds whether anything of it is there.
import { DeleteFunctionCommand, GetFunctionCommand } from '@aws-sdk/client-lambda';
import { GLOBAL_REGION } from '../../../contracts/aws-limits';
import { GONE, isFault, Region } from '../aws';
import { POLICY_NAME } from './helper';

const IAM = '2010-05-08';

/** Deletes schedule, function and role, whatever of them is there. */
export async function removeHelper(name: string): Promise<void> {
  const region = new Region(GLOBAL_REGION);
  await unlessGone(region.rest('scheduler', 'DELETE', schedulePath(name)));
  await unlessGone(region.lambda().send(new DeleteFunctionCommand({ FunctionName: name })));
  const role = { Version: IAM, RoleName: name };
  await unlessGone(
    region.query('iam', { Action: 'DeleteRolePolicy', PolicyName: POLICY_NAME, ...role }),
  );
  // At once: IAM spreads what it is told in seconds, and then the role itself may nothing any more.
  await unlessGone(region.query('iam', { Action: 'DeleteRole', ...role }));
}

/** Whether anything of it is there. */
export async function hasHelper(name: string): Promise<boolean> {
  const region = new Region(GLOBAL_REGION);
  const parts = await Promise.all([
    unlessGone(region.rest('scheduler', 'GET', schedulePath(name))),
    unlessGone(region.lambda().send(new GetFunctionCommand({ FunctionName: name }))),
    unlessGone(region.query('iam', { Action: 'GetRole', Version: IAM, RoleName: name })),
  ]);
  return parts.some((part) => part);
}

/** Where the scheduler has it. */
export function schedulePath(name: string): string {
  return `/schedules/${name}`;
}

async function unlessGone(call: Promise<unknown>): Promise<boolean> {
  try {
    await call;
    return true;
  } catch (error) {
    if (isFault(error, ...GONE)) return false;
    throw error;
  }
}
