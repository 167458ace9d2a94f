// The AWS clients of a region, and signed calls to the few APIs that have none here.
import { CloudWatchClient } from '@aws-sdk/client-cloudwatch';
import { CloudWatchLogsClient } from '@aws-sdk/client-cloudwatch-logs';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { EC2Client } from '@aws-sdk/client-ec2';
import { ECRClient } from '@aws-sdk/client-ecr';
import { ECSClient } from '@aws-sdk/client-ecs';
import { KMSClient } from '@aws-sdk/client-kms';
import { LambdaClient } from '@aws-sdk/client-lambda';
import { S3Client } from '@aws-sdk/client-s3';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { AwsClient } from 'aws4fetch';
import { setTimeout } from 'node:timers/promises';
import { DeployError } from './io';

/** How long a signed call may take, milliseconds. */
const TIMEOUT_MS = 20_000;
/** As often as the SDK's clients try, and twice more: a sweep asks every region at once. */
const ATTEMPTS = 5;

/** The clients of one region; made when they are first asked for. */
export class Region {
  private readonly made = new Map<string, unknown>();

  constructor(readonly name: string) {}

  readonly ecs = (): ECSClient => this.once('ecs', () => new ECSClient(this.settings));
  readonly logs = (): CloudWatchLogsClient =>
    this.once('logs', () => new CloudWatchLogsClient(this.settings));
  readonly lambda = (): LambdaClient => this.once('lambda', () => new LambdaClient(this.settings));
  readonly ec2 = (): EC2Client => this.once('ec2', () => new EC2Client(this.settings));
  readonly ecr = (): ECRClient => this.once('ecr', () => new ECRClient(this.settings));
  readonly dynamodb = (): DynamoDBClient =>
    this.once('dynamodb', () => new DynamoDBClient(this.settings));
  readonly kms = (): KMSClient => this.once('kms', () => new KMSClient(this.settings));
  readonly cloudwatch = (): CloudWatchClient =>
    this.once('cloudwatch', () => new CloudWatchClient(this.settings));
  readonly sts = (): STSClient => this.once('sts', () => new STSClient(this.settings));
  readonly s3 = (): S3Client =>
    this.once(
      's3',
      // An endpoint of one's own has no host name a bucket.
      () => new S3Client({ ...this.settings, forcePathStyle: endpoint() !== undefined }),
    );

  /** Calls an API of the JSON protocol. @throws Error named after AWS's error code. */
  async json<T>(service: string, target: string, input: object): Promise<T> {
    const headers = {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
    };
    return JSON.parse(await this.signed(service, '/', headers, JSON.stringify(input))) as T;
  }

  /** Calls an API of the query protocol; answers XML. @throws Error named after AWS's error code. */
  async query(service: string, input: Readonly<Record<string, string>>): Promise<string> {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    return this.signed(service, '/', headers, new URLSearchParams(input).toString());
  }

  /** Reads a resource of a REST API; answers XML. @throws Error named after AWS's error code. */
  async read(service: string, path: string): Promise<string> {
    return this.signed(service, path, {});
  }

  /** Calls a REST API that speaks JSON. @throws Error named after AWS's error code. */
  async rest(
    service: string,
    method: 'GET' | 'POST' | 'DELETE',
    path: string,
    input?: object,
  ): Promise<unknown> {
    const headers = { 'content-type': 'application/json' };
    const text = await this.signed(service, path, headers, input && JSON.stringify(input), method);
    return text === '' ? {} : (JSON.parse(text) as unknown);
  }

  private async signed(
    service: string,
    path: string,
    headers: Record<string, string>,
    body?: string,
    method = body === undefined ? 'GET' : 'POST',
  ): Promise<string> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await this.sign(service, path, headers, method, body);
      } catch (error) {
        const isThrottled = /Throttl|TooManyRequests/.test((error as Error).name);
        if (!isThrottled || attempt === ATTEMPTS) throw error;
        await setTimeout(100 * 2 ** attempt);
      }
    }
  }

  private async sign(
    service: string,
    path: string,
    headers: Record<string, string>,
    method: string,
    body?: string,
  ): Promise<string> {
    const credentials = await this.sts().config.credentials();
    const client = new AwsClient({ ...credentials, service, region: this.name, retries: 3 });
    // IAM and Route 53 are one for the world and have no region in their names.
    const host = service === 'iam' || service === 'route53' ? service : `${service}.${this.name}`;
    const response = await client.fetch(
      new URL(path, endpoint() ?? `https://${host}.amazonaws.com`),
      {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      },
    );
    const text = await response.text();
    if (response.ok) return text;
    throw Object.assign(
      new Error(found(text, /"[Mm]essage"\s*:\s*"([^"]*)"/, /<Message>([^<]*)</) ?? text),
      {
        name:
          response.headers.get('x-amzn-errortype')?.replace(/:.*/, '') ??
          found(text, /"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/, /<Code>([^<]+)</) ??
          `HTTP ${response.status}`,
      },
    );
  }

  private get settings(): { region: string } {
    return { region: this.name };
  }

  private once<T>(key: string, make: () => T): T {
    const client = (this.made.get(key) as T | undefined) ?? make();
    this.made.set(key, client);
    return client;
  }
}

/** The account of the credentials in use. @throws DeployError when there are none that work. */
export async function accountOf(region: Region): Promise<{ id: string; arn: string }> {
  try {
    const { Account = '', Arn = '' } = await region.sts().send(new GetCallerIdentityCommand({}));
    return { id: Account, arn: Arn };
  } catch (error) {
    throw new DeployError(unknownCaller(error as Error), { cause: error });
  }
}

/** What to say of credentials that are missing or do not work. */
export function unknownCaller({ name, message }: Error): string {
  return (
    `AWS does not know who you are (${name}: ${message}). Set credentials as the AWS SDK reads them: ` +
    'AWS_PROFILE and "aws sso login", or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; in CI an ' +
    'OIDC role.'
  );
}

/** Errors that say: it is not there. */
export const GONE = [
  'ResourceNotFoundException',
  'NotFoundException',
  'NoSuchEntity',
  'InvalidVpcID.NotFound',
  'InvalidGroup.NotFound',
];

/** Whether AWS answered with an error of this name. */
export function isFault(error: unknown, ...names: readonly string[]): boolean {
  return error instanceof Error && names.includes(error.name);
}

function endpoint(): string | undefined {
  return process.env.AWS_ENDPOINT_URL;
}

function found(text: string, ...patterns: readonly RegExp[]): string | undefined {
  return patterns.map((pattern) => pattern.exec(text)?.[1]).find((match) => match !== undefined);
}
