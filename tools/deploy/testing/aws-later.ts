// What IAM, Lambda and EventBridge Scheduler do in the test's account for a sweep that is left to a schedule.
import type { Account, IamRole } from './aws-account';
import { Fault, type Call } from './aws-protocols';

type Fields = Record<string, unknown>;
type Operation = (account: Account, call: Call) => Fields;

const roleOf = ({ iamRoles }: Account, { input }: Call): IamRole => {
  const role = iamRoles.find(({ name }) => name === input.RoleName);
  if (role === undefined)
    throw new Fault('NoSuchEntity', `No role ${String(input.RoleName)}.`, 404);
  return role;
};

/** Refuses while Lambda or the scheduler do not know a role that was just made. */
function assume({ iamRoles }: Account, arn: unknown, code: string): void {
  const role = iamRoles.find(({ name }) => String(arn).endsWith(`:role/${name}`));
  if (role === undefined || role.unknown-- > 0) {
    throw new Fault(code, 'The role defined for it cannot be assumed.');
  }
}

export const LATER_OPERATIONS: Readonly<Record<string, Operation>> = {
  'iam.GetRole': (account, call) => {
    const { RoleName } = call.input;
    if (!account.roles.some((role) => role === RoleName)) roleOf(account, call);
    return { Role: { RoleName } };
  },
  'iam.CreateRole': (account, { input }) => {
    const name = String(input.RoleName);
    if (account.iamRoles.some((role) => role.name === name)) {
      throw new Fault('EntityAlreadyExists', `Role ${name} exists.`, 409);
    }
    const trust = String(input.AssumeRolePolicyDocument);
    account.iamRoles.push({ name, trust, policies: {}, unknown: 2 });
    return {};
  },
  'iam.PutRolePolicy': (account, call) => {
    const { PolicyName, PolicyDocument } = call.input;
    roleOf(account, call).policies[String(PolicyName)] = String(PolicyDocument);
    return {};
  },
  'iam.DeleteRolePolicy': (account, call) => {
    const { policies } = roleOf(account, call);
    const name = String(call.input.PolicyName);
    if (policies[name] === undefined) throw new Fault('NoSuchEntity', `No policy ${name}.`, 404);
    delete policies[name];
    return {};
  },
  'iam.DeleteRole': (account, call) => {
    const role = roleOf(account, call);
    if (Object.keys(role.policies).length > 0) {
      throw new Fault('DeleteConflict', 'Must delete policies first.', 409);
    }
    account.iamRoles.splice(account.iamRoles.indexOf(role), 1);
    return {};
  },

  'lambda.CreateFunction': (account, { input }) => {
    const { FunctionName, Role, Code } = JSON.parse(String(input.body)) as {
      FunctionName: string;
      Role: string;
      Code: { ZipFile: string };
    };
    if (account.functions.some(({ name }) => name === FunctionName)) {
      throw new Fault('ResourceConflictException', `Function already exist: ${FunctionName}`, 409);
    }
    assume(account, Role, 'InvalidParameterValueException');
    account.functions.push({ name: FunctionName, tags: {}, refusals: 0, zip: Code.ZipFile });
    return {};
  },

  'scheduler.CreateSchedule': (account, { input }) => {
    const name = String(input.Name);
    if (account.schedules.some((schedule) => schedule.name === name)) {
      throw new Fault('ConflictException', `Schedule ${name} already exists.`, 409);
    }
    const given = JSON.parse(String(input.body)) as Fields & { Target: { RoleArn: string } };
    assume(account, given.Target.RoleArn, 'ValidationException');
    account.schedules.push({ name, input: given });
    return {};
  },
  'scheduler.GetSchedule': (account, call) => ({ Name: scheduleOf(account, call).name }),
  'scheduler.DeleteSchedule': (account, call) => {
    const schedule = scheduleOf(account, call);
    account.schedules.splice(account.schedules.indexOf(schedule), 1);
    return {};
  },
};

function scheduleOf({ schedules }: Account, { input }: Call): Account['schedules'][number] {
  const schedule = schedules.find(({ name }) => name === input.Name);
  if (schedule === undefined) {
    throw new Fault(
      'ResourceNotFoundException',
      `Schedule ${String(input.Name)} does not exist.`,
      404,
    );
  }
  return schedule;
}
