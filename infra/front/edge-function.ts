// The API-key check: a Lambda@Edge function, its role and its log groups in the regions where it runs.
import { deflateRawSync } from 'node:zlib';

import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { GLOBAL_REGION } from '../../contracts/aws-limits';

import { KEYS_TABLE } from '../../contracts/keys-table';

/**
 * Largest code of a function at a viewer request, zipped.
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
 */
const MAX_CODE_BYTES = 1_048_576;

/** Variables that Lambda itself sets, at the edge too. */
const LAMBDA_VARIABLES = /^(AWS_|_HANDLER$|_X_AMZN_|LAMBDA_|NODE_|TZ$|PATH$|LANG$)/;

/** What a decision needs, and the keys, which every request names. */
const READABLE_ATTRIBUTES = [
  ...new Set([KEYS_TABLE.partitionKey, KEYS_TABLE.sortKey, ...KEYS_TABLE.edgeAttributes]),
];

/** What {@link EdgeFunction} needs. */
export interface EdgeFunctionArgs {
  /** The bundled code (`bundleEdge`), the text of `index.js` with `exports.handler`. */
  code: pulumi.Input<string>;
  /** ARNs of the keys table and of its replicas: all that the function may read. */
  keysTableArns: pulumi.Input<string>[];
  /** ARNs of the customer-managed keys that encrypt these tables. */
  tableKeyArns: pulumi.Input<string>[];
  /** Regions that get a log group; in any other the function runs without logs and metrics. */
  logRegions: string[];
  /** Days that a log line is kept. */
  logRetentionDays: number;
  /** KMS key a region for the log groups. @default CloudWatch's own encryption */
  logKeyArns?: Record<string, pulumi.Input<string>>;
}

/** The edge function, published, replicated by CloudFront, and never deleted by `destroy`. */
export class EdgeFunction extends pulumi.ComponentResource {
  /** ARN with the version, as CloudFront wants it; resolves when role and log groups are there too. */
  readonly qualifiedArn: pulumi.Output<string>;
  /** Physical name, the last part of the log groups' names. */
  readonly functionName: pulumi.Output<string>;
  /** Name of the log groups: the same in every region. */
  readonly logGroupName: pulumi.Output<string>;

  /** @throws {Error} when the code is too large for the edge or reads the environment. */
  constructor(name: string, args: EdgeFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:EdgeFunction', name, {}, opts);
    const role = edgeRole(name, this);
    const fn = edgeLambda(name, role, args, this);
    this.logGroupName = pulumi.interpolate`/aws/lambda/${GLOBAL_REGION}.${fn.name}`;
    const groups = logGroups(name, this.logGroupName, args, this);
    const policy = rolePolicy(name, role, groups, args, this);
    this.qualifiedArn = pulumi.all([fn.qualifiedArn, policy.id]).apply(([arn]) => arn);
    this.functionName = fn.name;
    this.registerOutputs({ qualifiedArn: this.qualifiedArn, functionName: this.functionName });
  }
}

function edgeRole(name: string, parent: pulumi.Resource): aws.iam.Role {
  return new aws.iam.Role(
    `${name}-edge-role`,
    {
      description: 'Edge API-key check: reads the keys table and writes its own logs.',
      assumeRolePolicy: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            // Lambda@Edge needs both: the first runs the function, the second replicates it.
            Principal: { Service: ['lambda.amazonaws.com', 'edgelambda.amazonaws.com'] },
            Action: 'sts:AssumeRole',
          },
        ],
      }),
    },
    { parent },
  );
}

function rolePolicy(
  name: string,
  role: aws.iam.Role,
  groups: aws.cloudwatch.LogGroup[],
  args: EdgeFunctionArgs,
  parent: pulumi.Resource,
): aws.iam.RolePolicy {
  const policy = pulumi
    .all([
      pulumi.all(args.keysTableArns),
      pulumi.all(args.tableKeyArns),
      pulumi.all(groups.map((group) => group.arn)),
    ])
    .apply(([tables, keys, logs]) => JSON.stringify(edgePolicy(tables, keys, logs)));
  return new aws.iam.RolePolicy(`${name}-edge-policy`, { role: role.id, policy }, { parent });
}

/** The role's whole policy document. */
function edgePolicy(tableArns: string[], keyArns: string[], logGroupArns: string[]): unknown {
  return {
    Version: '2012-10-17',
    Statement: [
      {
        // `Attributes` is checked on what a request names; `Select` makes it name something.
        // https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/specifying-conditions.html
        Sid: 'ReadDecisivePartOfKeyRecords',
        Effect: 'Allow',
        Action: 'dynamodb:GetItem',
        Resource: tableArns,
        Condition: {
          'ForAllValues:StringEquals': { 'dynamodb:Attributes': READABLE_ATTRIBUTES },
          StringEquals: { 'dynamodb:Select': 'SPECIFIC_ATTRIBUTES' },
        },
      },
      {
        Sid: 'DecryptTablesThroughDynamoDb',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: keyArns,
        Condition: { StringEquals: { 'kms:ViaService': tableArns.map(dynamoDbOf) } },
      },
      {
        Sid: 'WriteOwnLogs',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: logGroupArns.map((arn) => `${arn}:log-stream:*`),
      },
      {
        // A log line that comes late would bring a deleted group back, without retention.
        Sid: 'LogGroupsBelongToTheStack',
        Effect: 'Deny',
        Action: 'logs:CreateLogGroup',
        Resource: '*',
      },
    ],
  };
}

/** DynamoDB as KMS names the service that calls it, in the region of a table. */
function dynamoDbOf(tableArn: string): string {
  const [, , , region] = tableArn.split(':');
  if (region === undefined) throw new Error(`"${tableArn}" is not the ARN of a table.`);
  return `dynamodb.${region}.amazonaws.com`;
}

function edgeLambda(
  name: string,
  role: aws.iam.Role,
  args: EdgeFunctionArgs,
  parent: pulumi.Resource,
): aws.lambda.Function {
  const code = pulumi.output(args.code).apply((text) => {
    assertFitForTheEdge(text);
    return new pulumi.asset.AssetArchive({ 'index.js': new pulumi.asset.StringAsset(text) });
  });
  return new aws.lambda.Function(
    `${name}-edge-fn`,
    {
      description: 'Checks the API key of every viewer request.',
      region: GLOBAL_REGION,
      role: role.arn,
      // 24 drops callback handlers; x86_64 is all that the edge has.
      runtime: 'nodejs22.x',
      architectures: ['x86_64'],
      packageType: 'Zip',
      handler: 'index.handler',
      code,
      // All that a function at a viewer request may have, and with it 0.07 of a processor.
      // https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
      memorySize: 128,
      timeout: 5,
      publish: true,
      // Replicas outlive the distribution by hours and would block `destroy` (pulumi-aws#1045).
      skipDestroy: true,
    },
    { parent },
  );
}

function logGroups(
  name: string,
  groupName: pulumi.Output<string>,
  args: EdgeFunctionArgs,
  parent: pulumi.Resource,
): aws.cloudwatch.LogGroup[] {
  return [...new Set(args.logRegions)].map(
    (region) =>
      new aws.cloudwatch.LogGroup(
        `${name}-edge-logs-${region}`,
        {
          // Lambda@Edge chooses this name; the group must be there before the first request is.
          name: groupName,
          region,
          retentionInDays: args.logRetentionDays,
          kmsKeyId: args.logKeyArns?.[region],
        },
        { parent },
      ),
  );
}

/**
 * Refuses code that CloudFront would refuse, or that would fail on every request.
 * @throws {Error} naming the limit and the way out.
 */
export function assertFitForTheEdge(code: string): void {
  const zipped = deflateRawSync(code).length;
  if (zipped > MAX_CODE_BYTES) {
    throw new Error(
      `The edge function is ${zipped} bytes zipped; CloudFront takes at most ${MAX_CODE_BYTES} at ` +
        'a viewer request. Leave out what the check does not need (the AWS SDK, for one).',
    );
  }
  const read = [...code.matchAll(/process\.env\.(\w+)|process\.env\[["'](\w+)["']\]/g)]
    .map((match) => match[1] ?? match[2] ?? '')
    .filter((variable) => !LAMBDA_VARIABLES.test(variable));
  if (read.length > 0) {
    throw new Error(
      `The edge function reads ${[...new Set(read)].join(', ')} from its environment, which is empty ` +
        'at the edge. Pass the value through EdgeSettings, which become constants of the bundle.',
    );
  }
}
