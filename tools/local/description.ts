// Reads a recording for the resources that can run on this machine.
import type { RecordedResource, Recording } from '../../recorder/record';
import { readCors } from './cors';
import type { CorsPolicy } from './cors';
import { isTextTransformation } from './rate-limit';
import type { RateRule, TextTransformation } from './rate-limit';
import { readScalingPolicy } from './scaling-policy';
import type { ScalingPolicy } from './scaling-policy';

/** A table as DynamoDB's CreateTable takes it, and its TTL attribute. */
export interface TableDescription {
  input: Record<string, unknown> & { TableName: string };
  ttlAttribute?: string;
}

/** A header that CloudFront adds to each answer. */
export interface ResponseHeader {
  name: string;
  value: string;
  /** Replaces what the origin sent. */
  override: boolean;
}

/** What the local platform realises of a stack. */
export interface PlatformDescription {
  stack: string;
  region: string;
  usersTable: string;
  keysTable: string;
  tables: TableDescription[];
  /** ARNs of the recorded customer-managed keys. */
  kmsKeyArns: string[];
  /** The service container's environment, secrets resolved. */
  environment: Record<string, string>;
  /** An image of the stack's own, which the shipped service stands in for on this machine. */
  ownImage?: string;
  /** Code of the edge function. */
  edgeCode: string;
  originHeaders: Record<string, string>;
  responseHeaders: ResponseHeader[];
  /** Undefined when no page of another origin may read answers. */
  cors: CorsPolicy | undefined;
  rateRules: RateRule[];
  health: { path: string; matcher: string };
  deregistrationDelaySeconds: number;
  /** Tasks that the scaling target keeps at least and at most. */
  minimumTasks: number;
  maximumTasks: number;
  scalingPolicies: ScalingPolicy[];
  loadBalancerDimensions: Record<string, string>;
}

const HEADERS_POLICY = 'aws:cloudfront/responseHeadersPolicy:ResponseHeadersPolicy';
/** Name of the service's container in the recorded task definition. */
const CONTAINER = 'service';
/** ALB's default (deregistration_delay.timeout_seconds). */
const DEREGISTRATION_DELAY_SECONDS = 300;

type Values = Record<string, unknown>;

/**
 * Describes what can run here.
 * @throws Error that names what the recording lacks.
 */
export function describePlatform(recording: Recording): PlatformDescription {
  const { resources } = recording;
  const users = one(resources, 'aws:dynamodb/table:Table', '-users');
  const keys = one(resources, 'aws:dynamodb/table:Table', '-keys');
  const targetGroup = one(resources, 'aws:lb/targetGroup:TargetGroup');
  const healthCheck = targetGroup.inputs.healthCheck as Values;
  const balancer = one(resources, 'aws:lb/loadBalancer:LoadBalancer');
  const scaling = one(resources, 'aws:appautoscaling/target:Target');
  const [headersPolicy] = all(resources, HEADERS_POLICY);
  const loadBalancerDimensions = {
    LoadBalancer: String(balancer.outputs.arnSuffix),
    TargetGroup: String(targetGroup.outputs.arnSuffix),
  };
  return {
    stack: recording.stack,
    region: String(recording.outputs.region),
    usersTable: String(users.outputs.name),
    keysTable: String(keys.outputs.name),
    tables: [users, keys].map(table),
    kmsKeyArns: all(resources, 'aws:kms/key:Key').map((key) => String(key.outputs.arn)),
    environment: environment(resources),
    ...ownImage(resources),
    edgeCode: edgeCode(resources),
    originHeaders: originHeaders(resources),
    responseHeaders: responseHeaders(headersPolicy),
    cors: readCors(headersPolicy),
    rateRules: all(resources, 'aws:wafv2/webAcl:WebAcl').flatMap(rateRules),
    health: { path: String(healthCheck.path), matcher: String(healthCheck.matcher ?? '200') },
    deregistrationDelaySeconds: Number(
      targetGroup.inputs.deregistrationDelay ?? DEREGISTRATION_DELAY_SECONDS,
    ),
    minimumTasks: Number(scaling.inputs.minCapacity),
    maximumTasks: Number(scaling.inputs.maxCapacity),
    scalingPolicies: all(resources, 'aws:appautoscaling/policy:Policy').map((policy) =>
      readScalingPolicy(policy, loadBalancerDimensions),
    ),
    loadBalancerDimensions,
  };
}

function all(resources: readonly RecordedResource[], type: string): RecordedResource[] {
  return resources.filter((resource) => resource.type === type);
}

function one(resources: readonly RecordedResource[], type: string, suffix = ''): RecordedResource {
  const found = all(resources, type).find(({ name }) => name.endsWith(suffix));
  if (found !== undefined) return found;
  throw new Error(
    `The stack declares no ${type}${suffix === '' ? '' : ` named *${suffix}`}, which the local ` +
      'platform needs. It runs the shipped service on containers: check "compute" in ' +
      'the stack\'s configuration, and see "npm run plan".',
  );
}

function table({ inputs, outputs }: RecordedResource): TableDescription {
  const keySchema = (source: Values) => [
    { AttributeName: source.hashKey, KeyType: 'HASH' },
    ...(source.rangeKey === undefined
      ? []
      : [{ AttributeName: source.rangeKey, KeyType: 'RANGE' }]),
  ];
  const indexes = (inputs.globalSecondaryIndexes ?? []) as Values[];
  const ttl = inputs.ttl as { attributeName?: string; enabled?: boolean } | undefined;
  return {
    input: {
      TableName: String(outputs.name),
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: (inputs.attributes as Values[]).map(({ name, type }) => ({
        AttributeName: name,
        AttributeType: type,
      })),
      KeySchema: keySchema(inputs),
      ...(indexes.length === 0
        ? {}
        : {
            GlobalSecondaryIndexes: indexes.map((index) => ({
              IndexName: index.name,
              KeySchema: keySchema(index),
              Projection: {
                ProjectionType: index.projectionType,
                ...(index.nonKeyAttributes === undefined
                  ? {}
                  : { NonKeyAttributes: index.nonKeyAttributes }),
              },
            })),
          }),
    },
    ...(ttl?.enabled === true && ttl.attributeName !== undefined
      ? { ttlAttribute: ttl.attributeName }
      : {}),
  };
}

interface ContainerDefinition {
  name: string;
  image: string;
  environment?: { name: string; value: string }[];
  secrets?: { name: string; valueFrom: string }[];
}

function serviceContainer(resources: readonly RecordedResource[]): ContainerDefinition {
  const definitions = all(resources, 'aws:ecs/taskDefinition:TaskDefinition').flatMap(
    ({ inputs }) => JSON.parse(String(inputs.containerDefinitions)) as ContainerDefinition[],
  );
  const container = definitions.find(({ name }) => name === CONTAINER);
  if (container === undefined) {
    throw new Error(
      `The stack has no container named "${CONTAINER}": the local platform runs the shipped ` +
        'service, so "compute" must be "container".',
    );
  }
  return container;
}

/** The shipped image is one that the stack builds; any other is the user's. */
function ownImage(resources: readonly RecordedResource[]): { ownImage?: string } {
  const isBuilt = all(resources, 'docker-build:index:Image').some(({ name }) =>
    name.endsWith('-service-image'),
  );
  return isBuilt ? {} : { ownImage: serviceContainer(resources).image };
}

function environment(resources: readonly RecordedResource[]): Record<string, string> {
  const container = serviceContainer(resources);
  return Object.fromEntries([
    ...(container.environment ?? []).map(({ name, value }) => [name, value] as const),
    ...(container.secrets ?? []).map(
      ({ name, valueFrom }) => [name, secretValue(resources, valueFrom)] as const,
    ),
  ]);
}

function secretValue(resources: readonly RecordedResource[], valueFrom: string): string {
  const version = all(resources, 'aws:secretsmanager/secretVersion:SecretVersion').find(
    ({ inputs }) => valueFrom.startsWith(String(inputs.secretId)),
  );
  const parameter = all(resources, 'aws:ssm/parameter:Parameter').find(
    ({ outputs }) => outputs.arn === valueFrom,
  );
  const value = version?.inputs.secretString ?? parameter?.inputs.value;
  if (typeof value === 'string') return value;
  throw new Error(`The container takes a secret from ${valueFrom}, which the stack does not make.`);
}

function edgeCode(resources: readonly RecordedResource[]): string {
  const { inputs } = one(resources, 'aws:lambda/function:Function', '-edge-fn');
  const { assets } = inputs.code as { assets?: Record<string, { text?: string }> };
  const text = assets?.['index.js']?.text;
  if (text === undefined) throw new Error('The edge function has no index.js in its archive.');
  return text;
}

function originHeaders(resources: readonly RecordedResource[]): Record<string, string> {
  const distribution = one(resources, 'aws:cloudfront/distribution:Distribution');
  const [origin] = distribution.inputs.origins as {
    customHeaders?: { name: string; value: string }[];
  }[];
  return Object.fromEntries(
    (origin?.customHeaders ?? []).map(({ name, value }) => [name.toLowerCase(), value]),
  );
}

function responseHeaders(policy: RecordedResource | undefined): ResponseHeader[] {
  const security = (policy?.inputs.securityHeadersConfig ?? {}) as Record<string, Values>;
  const custom = (policy?.inputs.customHeadersConfig ?? {}) as { items?: Values[] };
  const named = (name: string, setting: Values | undefined, value: unknown) =>
    setting === undefined ? [] : [{ name, value: String(value), override: !!setting.override }];
  const { contentTypeOptions, frameOptions, referrerPolicy, contentSecurityPolicy } = security;
  return [
    ...named('x-content-type-options', contentTypeOptions, 'nosniff'),
    ...named('x-frame-options', frameOptions, frameOptions?.frameOption),
    ...named('referrer-policy', referrerPolicy, referrerPolicy?.referrerPolicy),
    ...named(
      'content-security-policy',
      contentSecurityPolicy,
      contentSecurityPolicy?.contentSecurityPolicy,
    ),
    ...(custom.items ?? []).flatMap((item) => named(String(item.header), item, item.value)),
  ];
}

function rateRules({ inputs }: RecordedResource): RateRule[] {
  const rules = ((inputs.rules ?? []) as Values[]).sort(
    (a, b) => Number(a.priority) - Number(b.priority),
  );
  return rules.flatMap((rule) => {
    const { rateBasedStatement } = (rule.statement ?? {}) as { rateBasedStatement?: Values };
    if (rateBasedStatement === undefined) return [];
    const customKeys = (rateBasedStatement.customKeys ?? []) as { header?: CountedHeader }[];
    const header = customKeys.find((key) => key.header !== undefined)?.header;
    return [
      {
        name: String(rule.name),
        limit: Number(rateBasedStatement.limit),
        windowSeconds: Number(rateBasedStatement.evaluationWindowSec ?? 300),
        ...(header === undefined
          ? {}
          : { header: header.name, transformations: transformations(String(rule.name), header) }),
      },
    ];
  });
}

interface CountedHeader {
  name: string;
  textTransformations?: { priority: number; type: string }[];
}

function transformations(rule: string, header: CountedHeader): TextTransformation[] {
  return [...(header.textTransformations ?? [])]
    .sort((a, b) => a.priority - b.priority)
    .map(({ type }) => {
      if (isTextTransformation(type)) return type;
      throw new Error(
        `The rule "${rule}" of the web ACL counts by ${type} of a header, which is not imitated ` +
          'here: add it to tools/local/rate-limit.ts.',
      );
    });
}
