// The daily check for API keys that end soon: a function, its schedule, and a role that reads no hash.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { EXPIRY_ATTRIBUTES, EXPIRY_ENV } from '../../contracts/key-expiry';
import type { Statement } from '../../contracts/workload';
import { bundleExpiry } from '../../expiry/bundle';
import { decryptAtRest, sendTraces } from '../rights/statements';
import { smallFunction, type SmallFunctionLogs } from './small-function';

/** What {@link KeyCheck} needs. */
export interface KeyCheckArgs extends SmallFunctionLogs {
  stack: string;
  region: string;
  accountId: string;
  /** The table of API keys in the home region, and the key that encrypts it. */
  keysTable: {
    name: pulumi.Input<string>;
    arn: pulumi.Input<string>;
    keyArn: pulumi.Input<string>;
  };
  /** Sender of mails to owners. @default nobody is written to, and there is no right to */
  mailFrom?: string;
}

/** MiB; it scans a small table once a day. */
const MEMORY_MIB = 256;
/** Some ten thousand keys, and mails for a few of them. */
const TIMEOUT_SECONDS = 120;

let bundle: Promise<string> | undefined;

/** Function, role, log group and schedule. */
export class KeyCheck extends pulumi.ComponentResource {
  readonly functionName: pulumi.Output<string>;

  constructor(name: string, args: KeyCheckArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:KeyCheck', name, {}, opts);
    const fn = functionOf(`${name}-key-check`, args, this);
    // The next day's run is the next attempt: another at once would write to owners twice.
    new aws.lambda.FunctionEventInvokeConfig(
      `${name}-key-check-once`,
      { functionName: fn.name, maximumRetryAttempts: 0 },
      { parent: this },
    );
    const rule = new aws.cloudwatch.EventRule(
      `${name}-key-check`,
      { description: 'Looks for API keys that end soon.', scheduleExpression: 'rate(1 day)' },
      { parent: this },
    );
    const permission = new aws.lambda.Permission(
      `${name}-key-check-schedule`,
      {
        action: 'lambda:InvokeFunction',
        function: fn.name,
        principal: 'events.amazonaws.com',
        sourceArn: rule.arn,
        sourceAccount: args.accountId,
      },
      { parent: this },
    );
    new aws.cloudwatch.EventTarget(
      `${name}-key-check`,
      { rule: rule.name, arn: fn.arn },
      { parent: this, dependsOn: [permission] },
    );
    this.functionName = fn.name;
    this.registerOutputs({ functionName: this.functionName });
  }
}

function functionOf(
  name: string,
  args: KeyCheckArgs,
  parent: pulumi.Resource,
): aws.lambda.Function {
  const { keysTable } = args;
  return smallFunction(
    name,
    {
      description: 'Looks for API keys that end soon.',
      code: (bundle ??= bundleExpiry()),
      rights: pulumi
        .all([keysTable.arn, keysTable.keyArn])
        .apply(([table, key]) => [
          readEnds(table),
          decryptAtRest(key, args.region),
          ...sendMail(args),
          sendTraces(),
        ]),
      environment: {
        [EXPIRY_ENV.stack]: args.stack,
        [EXPIRY_ENV.keysTable]: keysTable.name,
        ...(args.mailFrom === undefined ? {} : { [EXPIRY_ENV.mailFrom]: args.mailFrom }),
      },
      memoryMib: MEMORY_MIB,
      timeoutSeconds: TIMEOUT_SECONDS,
      traced: true,
    },
    args,
    parent,
  );
}

/** Whose they are and when they end; not the hash, not the scopes. */
function readEnds(tableArn: string): Statement {
  return {
    Sid: 'ReadEndsOfKeys',
    Effect: 'Allow',
    Action: 'dynamodb:Scan',
    Resource: tableArn,
    Condition: {
      'ForAllValues:StringEquals': { 'dynamodb:Attributes': [...EXPIRY_ATTRIBUTES] },
      StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
    },
  };
}

/** From one address alone, by the identity of the address or of its domain. */
function sendMail({ mailFrom, region, accountId }: KeyCheckArgs): Statement[] {
  if (mailFrom === undefined) return [];
  const [, domain = ''] = mailFrom.split('@');
  return [
    {
      Sid: 'WriteToOwners',
      Effect: 'Allow',
      Action: 'ses:SendEmail',
      Resource: [mailFrom, domain].map(
        (identity) => `arn:aws:ses:${region}:${accountId}:identity/${identity}`,
      ),
      Condition: { StringEquals: { 'ses:FromAddress': mailFrom } },
    },
  ];
}
