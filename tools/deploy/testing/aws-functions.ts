// Lambda and CloudWatch Logs in the account of a test: functions that are replicated, groups and their lines.
import type { Account } from './aws-account';
import { arnOf, found, remove, type Fields, type Operation } from './aws-operation';
import { Fault, type Call } from './aws-protocols';

const lambdaFunction = ({ functions }: Account, { input }: Call) =>
  found(
    functions.find(({ name }) => name === input.FunctionName),
    'ResourceNotFoundException',
    input.FunctionName,
  );

const logGroup = ({ logGroups }: Account, { region, input }: Call) =>
  found(
    logGroups.find(
      (group) => group.region === region && group.name === (input.logGroupName as string),
    ),
    'ResourceNotFoundException',
    input.logGroupName,
  );

export const FUNCTION_OPERATIONS: Readonly<Record<string, Operation>> = {
  'lambda.GetFunction': (account, call) => ({
    Configuration: { FunctionName: lambdaFunction(account, call).name },
  }),
  'lambda.DeleteFunction': (account, call) => {
    const one = lambdaFunction(account, call);
    if (one.refusals > 0) {
      one.refusals--;
      throw new Fault(
        'InvalidParameterValueException',
        `Lambda was unable to delete ${arnOf('lambda', 'us-east-1', `function:${one.name}`)}:1 because it is a replicated function.`,
      );
    }
    remove(account.functions, one);
    return {};
  },
  'lambda.GetAccountSettings': ({ concurrency }) => ({
    AccountLimit: {
      ConcurrentExecutions: concurrency,
      UnreservedConcurrentExecutions: concurrency,
    },
  }),

  'logs.DescribeLogGroups': ({ logGroups }, { region, input }) => ({
    logGroups: logGroups
      .filter(
        (group) =>
          group.region === region &&
          group.name.startsWith((input.logGroupNamePrefix as string) ?? ''),
      )
      .map(({ name }) => ({ logGroupName: name })),
  }),
  'logs.DeleteLogGroup': (account, call) => {
    remove(account.logGroups, logGroup(account, call));
    return {};
  },
  'logs.FilterLogEvents': (account, call) => {
    const { startTime = 0, filterPattern = '' } = call.input as Fields & {
      startTime?: number;
      filterPattern?: string;
    };
    const wanted = filterPattern.replaceAll('"', '');
    return {
      events: (logGroup(account, call).events ?? [])
        .filter(({ timestamp, message }) => timestamp >= startTime && message.includes(wanted))
        .map((event, index) => ({
          ...event,
          eventId: `${call.region}-${index}-${event.timestamp}`,
        })),
    };
  },
  'logs.GetLogEvents': (account, call) => ({
    events: (logGroup(account, call).events ?? []).filter(
      ({ logStreamName }) => logStreamName === call.input.logStreamName,
    ),
  }),
};
