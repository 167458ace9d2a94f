// The API-key check: a Lambda@Edge function, its role and its log groups in the regions where it runs.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';

/** Lambda@Edge functions live here and are replicated from here. */
const EDGE_REGION = 'us-east-1';

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
  /** ARN with the version, as CloudFront wants it. */
  readonly qualifiedArn: pulumi.Output<string>;
  /** Physical name, the last part of the log groups' names. */
  readonly functionName: pulumi.Output<string>;
  /** ARN of the role that the function runs under. */
  readonly roleArn: pulumi.Output<string>;
  /** The log groups, by region. */
  readonly logGroups: aws.cloudwatch.LogGroup[];

  constructor(name: string, args: EdgeFunctionArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:EdgeFunction', name, {}, opts);
    const role = edgeRole(name, this);
    const policy = rolePolicy(name, role, args, this);
    const fn = edgeLambda(name, role, args, { parent: this, dependsOn: [policy] });
    this.logGroups = args.logRegions.map((region) => logGroup(name, region, fn, args, this));
    this.qualifiedArn = fn.qualifiedArn;
    this.functionName = fn.name;
    this.roleArn = role.arn;
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
  args: EdgeFunctionArgs,
  parent: pulumi.Resource,
): aws.iam.RolePolicy {
  const policy = pulumi
    .all([pulumi.all(args.keysTableArns), pulumi.all(args.tableKeyArns)])
    .apply(([tables, keys]) => JSON.stringify(edgePolicy(tables, keys)));
  return new aws.iam.RolePolicy(`${name}-edge-policy`, { role: role.id, policy }, { parent });
}

/** The role's whole policy document. */
function edgePolicy(tableArns: string[], keyArns: string[]): unknown {
  const region = (arn: string): string => arn.split(':')[3] ?? '';
  return {
    Version: '2012-10-17',
    Statement: [
      {
        Sid: 'ReadKeyRecords',
        Effect: 'Allow',
        Action: 'dynamodb:GetItem',
        Resource: tableArns,
      },
      {
        Sid: 'DecryptTablesThroughDynamoDb',
        Effect: 'Allow',
        Action: 'kms:Decrypt',
        Resource: keyArns,
        Condition: {
          StringEquals: {
            'kms:ViaService': [...new Set(keyArns.map(region))].map(
              (each) => `dynamodb.${each}.amazonaws.com`,
            ),
          },
        },
      },
      {
        Sid: 'WriteOwnLogs',
        Effect: 'Allow',
        Action: ['logs:CreateLogStream', 'logs:PutLogEvents'],
        Resource: `arn:aws:logs:*:*:log-group:/aws/lambda/${EDGE_REGION}.*:log-stream:*`,
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

function edgeLambda(
  name: string,
  role: aws.iam.Role,
  args: EdgeFunctionArgs,
  opts: pulumi.CustomResourceOptions,
): aws.lambda.Function {
  const code = pulumi
    .output(args.code)
    .apply(
      (text) => new pulumi.asset.AssetArchive({ 'index.js': new pulumi.asset.StringAsset(text) }),
    );
  return new aws.lambda.Function(
    `${name}-edge-fn`,
    {
      description: 'Checks the API key of every viewer request.',
      region: EDGE_REGION,
      role: role.arn,
      runtime: 'nodejs22.x',
      architectures: ['x86_64'],
      handler: 'index.handler',
      code,
      memorySize: 128,
      timeout: 5,
      publish: true,
      // Replicas outlive the distribution by hours and would block `destroy` (pulumi-aws#1045).
      skipDestroy: true,
    },
    opts,
  );
}

function logGroup(
  name: string,
  region: string,
  fn: aws.lambda.Function,
  args: EdgeFunctionArgs,
  parent: pulumi.Resource,
): aws.cloudwatch.LogGroup {
  return new aws.cloudwatch.LogGroup(
    `${name}-edge-logs-${region}`,
    {
      name: pulumi.interpolate`/aws/lambda/${EDGE_REGION}.${fn.name}`,
      region,
      retentionInDays: args.logRetentionDays,
      kmsKeyId: args.logKeyArns?.[region],
    },
    { parent },
  );
}
