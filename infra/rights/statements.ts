// Statements that more than one role is given: traces, tables at rest, secrets.
import { READS_OF_TABLES } from '../../contracts/table-actions';
import type { Statement } from '../../contracts/workload';

/** Sends traces to X-Ray, whose write actions take no resource. */
export function sendTraces(): Statement {
  return {
    Sid: 'SendTraces',
    Effect: 'Allow',
    Action: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords'],
    Resource: '*',
  };
}

/** Calls the functions of the workload's own, and no other. */
export function invoke(functionArns: readonly string[]): Statement[] {
  if (functionArns.length === 0) return [];
  return [
    {
      Sid: 'InvokeOwnFunctions',
      Effect: 'Allow',
      Action: 'lambda:InvokeFunction',
      Resource: functionArns,
    },
  ];
}

/** Lets DynamoDB decrypt tables for the role. */
export function decryptAtRest(tablesKeyArn: string, region: string): Statement {
  return {
    Sid: 'TableAtRest',
    Effect: 'Allow',
    Action: 'kms:Decrypt',
    Resource: tablesKeyArn,
    Condition: { StringEquals: { 'kms:ViaService': `dynamodb.${region}.amazonaws.com` } },
  };
}

/**
 * Denies whatever hands out what a write-only table holds. One way stays that IAM has no key for: a
 * write whose condition fails may ask for the item (`ReturnValuesOnConditionCheckFailure`).
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazondynamodb.html
 */
export function neverRead(tableArns: readonly string[]): Statement[] {
  if (tableArns.length === 0) return [];
  return [
    {
      Sid: 'NeverReadWriteOnlyTables',
      Effect: 'Deny',
      Action: [...READS_OF_TABLES],
      Resource: tableArns.flatMap((arn) => [arn, `${arn}/index/*`]),
    },
    {
      Sid: 'WritesReturnNothing',
      Effect: 'Deny',
      Action: ['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'],
      Resource: tableArns,
      Condition: { 'ForAnyValue:StringNotEquals': { 'dynamodb:ReturnValues': ['NONE'] } },
    },
  ];
}

/** The secrets that the platform makes: those by which the process knows the edge. */
export interface OriginSecretGrant {
  readonly arns: readonly string[];
  /** Key that they are encrypted with. */
  readonly keyArn: string;
}

/**
 * Reads the origin secret and the secrets that the workload names, and no other. The keys of the
 * latter are their owners' choice, so the role may decrypt under any key of their account, but only
 * through the service that holds the secret, and only what is bound to that very secret: the
 * encryption context names it.
 * https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
 * https://docs.aws.amazon.com/kms/latest/developerguide/services-parameter-store.html
 * @param references ARNs of secrets of Secrets Manager and parameters of SSM; that of a secret may
 *   end in `:<JSON key>:<stage>:<version>`, as ECS takes it.
 */
export function readSecrets(origin: OriginSecretGrant, references: readonly string[]): Statement[] {
  const arns = [...new Set(references.map(wholeSecret))];
  return [
    {
      Sid: 'ReadOriginSecret',
      Effect: 'Allow',
      Action: 'secretsmanager:GetSecretValue',
      Resource: [...origin.arns],
    },
    {
      Sid: 'DecryptOriginSecret',
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: origin.keyArn,
      Condition: { StringEquals: { 'kms:ViaService': [...new Set(origin.arns.map(serviceOf))] } },
    },
    ...STORES.flatMap((store) =>
      reading(
        store,
        arns.filter((arn) => partOf(arn, 2) === store.service),
      ),
    ),
  ];
}

/** A service that holds secrets. */
interface Store {
  readonly service: string;
  readonly sid: string;
  readonly action: string;
  /** Key of the encryption context whose value is the secret's ARN. */
  readonly contextKey: string;
}

const STORES: readonly Store[] = [
  {
    service: 'secretsmanager',
    sid: 'Secrets',
    action: 'secretsmanager:GetSecretValue',
    contextKey: 'SecretARN',
  },
  {
    service: 'ssm',
    sid: 'Parameters',
    action: 'ssm:GetParameters',
    contextKey: 'PARAMETER_ARN',
  },
];

function reading({ sid, action, contextKey }: Store, arns: readonly string[]): Statement[] {
  if (arns.length === 0) return [];
  const keys = arns.map((arn) => `arn:aws:kms:${partOf(arn, 3)}:${partOf(arn, 4)}:key/*`);
  return [
    { Sid: `Read${sid}`, Effect: 'Allow', Action: action, Resource: arns },
    {
      Sid: `Decrypt${sid}`,
      Effect: 'Allow',
      Action: 'kms:Decrypt',
      Resource: [...new Set(keys)],
      Condition: {
        StringEquals: {
          'kms:ViaService': [...new Set(arns.map(serviceOf))],
          [`kms:EncryptionContext:${contextKey}`]: arns,
        },
      },
    },
  ];
}

/** The ARN without the part of the secret that it may name. */
function wholeSecret(reference: string): string {
  return reference.split(':').slice(0, 7).join(':');
}

/** The service that holds a secret, as KMS names a caller. */
function serviceOf(arn: string): string {
  return `${partOf(arn, 2)}.${partOf(arn, 3)}.amazonaws.com`;
}

/** A part of an ARN: 2 is the service, 3 the region, 4 the account. */
function partOf(arn: string, index: number): string {
  return arn.split(':')[index] ?? '';
}
