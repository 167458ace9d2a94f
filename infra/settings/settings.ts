// Every setting of the platform: default, unit, legal values; long because docs/settings.md is made of this one table.
import {
  API_GATEWAY_TIMEOUT_SECONDS,
  CANARY_PERCENT,
  CERTIFICATE_NAME_LENGTH,
  DEPLOYMENT_MINUTES,
  FARGATE_MEMORY,
  LAMBDA_MEMORY,
  LOG_RETENTION_DAYS,
  RATE_WINDOW_SECONDS,
  REGION,
  WAF_BODY_BYTES,
  WAF_RATE,
} from '../../contracts/aws-limits';
import { KEY_FORMS } from '../../contracts/headers';
import { EDGE_NUMBERS, ORIGIN } from '../../edge/settings';
import { MOST_ZONES } from '../../contracts/subnets';
import {
  choice,
  decimal,
  flag,
  integer,
  integerOf,
  list,
  mapping,
  tenths,
  text,
  type Setting,
} from './kinds';

const HOST = /^(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/;
const EMAIL = /^[^\s@]{1,64}@[^\s@]{1,189}\.[^\s@]{2,63}$/;
const IPV4_CIDR = /^(\d{1,3}\.){3}\d{1,3}\/\d{1,2}$/;
const CIDR = /^[0-9a-fA-F:.]{2,45}\/\d{1,3}$/;
/** Literal segments alone: the edge compares, and never normalises. */
const PLAIN_PATH = /^(?=.{2,128}$)(\/[A-Za-z0-9_-]+)+$/;
const FOLDER = /^(?=.{1,100}$)[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*$/;
const YAML_FILE = /^(?=.{1,200}$)(\.\.\/)*([\w-][\w.-]*\/)*[\w-][\w.-]*\.(ya?ml|json)$/;
const IMAGE = /^[\w.-]+(:\d+)?(\/[\w.-]+)+(:[\w.-]+)?@sha256:[0-9a-f]{64}$/;

/** In whole requests a second; WAF takes a number for its window. */
const RATE = {
  min: Math.ceil(WAF_RATE.min / RATE_WINDOW_SECONDS),
  max: Math.floor(WAF_RATE.max / RATE_WINDOW_SECONDS),
  unit: 'requests a second',
};

/** Settings by key; the key in `Pulumi.<stack>.yaml` is `gatehouse:<key>`. */
export const SETTINGS = {
  protect: flag(
    true,
    'Protect tables, keys, the load balancer and the distribution from deletion, and retain their data on `destroy`.',
  ),

  vpcCidr: {
    ...text(
      IPV4_CIDR,
      'an IPv4 block such as `10.0.0.0/16`',
      'Address block of the VPC.',
      '10.0.0.0/16',
    ),
    permanent: 'the VPC and all that is in it would be replaced',
  },
  zones: integer(
    { min: 2, max: MOST_ZONES, unit: 'zones' },
    3,
    'Availability zones that the platform spans.',
  ),
  egress: choice(
    ['single', 'per-az', 'endpoints'],
    'per-az',
    'How tasks reach out: one NAT gateway, one per zone, or interface endpoints only (no internet).',
  ),
  logRetentionDays: integerOf(LOG_RETENTION_DAYS, 'days', 365, 'How long logs are kept.'),

  service: {
    ...text(
      FOLDER,
      'a folder such as `examples/notes`',
      'Folder of the API that runs: a declaration (`workload.ts`) and an entry (`src/main.ts`).',
    ),
    whenAbsent: '`service`, the API that ships',
  },
  workload: text(
    YAML_FILE,
    'a file such as `orders/workload.yaml`',
    'Workload file: what the platform must know of the API in `image`, in place of `service`.',
  ),
  image: text(
    IMAGE,
    '`registry/repository@sha256:…`',
    'A container image that runs, by digest; needs `workload`, or `service` when it holds one.',
  ),
  environment: mapping(
    '{ GREETING: hello }',
    'Variables of the process, besides those of the declaration and before them.',
  ),
  secrets: mapping(
    '{ PAYMENT_KEY: "arn:aws:secretsmanager:…" }',
    'Variables that hold what Secrets Manager or SSM has under an ARN, likewise.',
  ),
  compute: choice(
    ['fargate', 'lambda'],
    'fargate',
    'What runs the service: ECS Fargate, or Lambda behind API Gateway.',
    { container: 'fargate', ecs: 'fargate', function: 'lambda' },
  ),
  cpu: integerOf(Object.keys(FARGATE_MEMORY).map(Number), 'CPU units', 512, 'CPU of a task.'),
  memory: integer({ min: 512, max: 122880, unit: 'MiB' }, 1024, 'Memory of a task.'),
  minTasks: integer({ min: 1, max: 1000, unit: 'tasks' }, 2, 'Fewest tasks.'),
  maxTasks: integer({ min: 1, max: 1000, unit: 'tasks' }, 10, 'Most tasks.'),
  targetResponseMs: integer(
    { min: 1, max: 10_000, unit: 'ms' },
    20,
    'Response time that the number of tasks is held at.',
  ),
  responseStatistic: choice(
    ['Average', 'p50', 'p90', 'p95', 'p99'],
    'Average',
    'Statistic of the response time that is held.',
  ),
  requestsPerTaskPerMinute: integer(
    { min: 60, max: 1_000_000, unit: 'requests a minute' },
    12_000,
    'Requests a minute that one task alone holds at the target: `docs/scaling.md` says how to measure it.',
  ),
  scaleOutCooldownSeconds: integer(
    { min: 0, max: 3600, unit: 's' },
    180,
    'After adding tasks, how long only a larger addition follows; new tasks take two to three minutes to show.',
  ),
  scaleInCooldownSeconds: integer(
    { min: 0, max: 3600, unit: 's' },
    300,
    'Time between two steps down.',
  ),
  containerInsights: choice(
    ['enabled', 'enhanced', 'disabled'],
    'enabled',
    'Container Insights of the cluster; without it AWS does not say how many tasks are wanted.',
  ),
  scalingTaskCount: choice(
    ['desired', 'healthy'],
    'desired',
    'Tasks that load is divided by: those that are wanted, or (without Container Insights) those that are healthy, which overshoots while tasks start.',
  ),
  deployment: choice(
    ['rolling', 'canary', 'blue-green'],
    'rolling',
    'How ECS brings a new revision up: task by task, with a share of the requests first, or all at once beside the old one. The last two run twice the tasks meanwhile.',
    { canaries: 'canary', bluegreen: 'blue-green', 'blue/green': 'blue-green' },
  ),
  canaryPercent: tenths(
    // Alarms know the new revision by its smaller share.
    { min: CANARY_PERCENT.min, max: 30, unit: '%' },
    CANARY_PERCENT.default,
    'Share of the requests that a canary gets.',
  ),
  canaryMinutes: integer(
    // Alarms need two or three minutes of data, which CloudWatch has a minute or two later.
    { min: 5, max: DEPLOYMENT_MINUTES.max, unit: 'min' },
    10,
    'How long a canary is judged against the old revision before it gets all requests.',
  ),
  bakeMinutes: integer(
    { ...DEPLOYMENT_MINUTES, unit: 'min' },
    5,
    'How long the old revision of a canary or blue/green deployment is kept after the shift: a return within it takes seconds.',
  ),
  lambdaMemory: integer({ ...LAMBDA_MEMORY, unit: 'MiB' }, 1024, 'Memory of the function.'),
  lambdaConcurrency: integer(
    { min: 0, max: 1000, unit: 'executions' },
    0,
    'Executions that are reserved for the function, which then has no more; 0 reserves none. A fresh account has a quota of 10 and can reserve none: `npm run doctor` tells.',
  ),
  logLevel: choice(['debug', 'info', 'warn', 'error'], 'info', 'What the service logs.'),
  bodyLimitBytes: integer(
    { min: 1024, max: WAF_BODY_BYTES, unit: 'bytes' },
    WAF_BODY_BYTES,
    'Largest request body that the service reads; WAF inspects no more, and what it skips must not pass.',
  ),
  requestTimeoutSeconds: integer(
    // API Gateway hears of the time-out a second later.
    { min: 1, max: API_GATEWAY_TIMEOUT_SECONDS - 1, unit: 's' },
    10,
    'Longest time that the service gives a request.',
  ),
  traceSampling: decimal({ min: 0, max: 1 }, 0.1, 'Part of the requests that is traced.'),
  replicaRegions: list(REGION, 'regions', 'Further regions that hold a replica of the keys table.'),
  adoptTables: {
    ...mapping(
      '{ things: gh-things-1a2b3c4 }',
      'Tables that exist and become those of the stack, with their data, by their names in the workload (`keys`: that of API keys): what `destroy` retained, or what was restored.',
    ),
    permanent: 'without its line, or with another, a table is replaced by another',
  },
  adoptKeys: {
    ...mapping(
      '{ tables: 1234abcd-12ab-34cd-56ef-1234567890ab }',
      'KMS keys likewise, by their ids: `destroy` prints the lines.',
    ),
    permanent:
      'with another line, what is encrypted under the key before can still be read as long as that exists',
  },

  domain: text(
    new RegExp(`^(?=.{4,${CERTIFICATE_NAME_LENGTH}}$)${HOST.source.slice(1)}`),
    `a host name of up to ${CERTIFICATE_NAME_LENGTH} characters`,
    'Own host name; without it CloudFront gives one.',
  ),
  hostedZone: text(HOST, 'a host name', 'Route 53 zone of the domain, needed with `domain`.'),
  originSecret: integer(
    { min: 1, max: 1000 },
    1,
    'Number of the newest secret by which the service knows CloudFront; it takes the one before, too. `docs/runbook.md` says how to rotate.',
  ),
  originSecretSent: integer(
    { min: 0, max: 1000 },
    0,
    'Number of the secret that CloudFront sends: the newest (0), or, while that is new to the service, the one before.',
  ),
  edgeCacheSeconds: integer(
    EDGE_NUMBERS.cacheSeconds,
    EDGE_NUMBERS.cacheSeconds.default,
    'How long the edge trusts a key that it has looked up: the longest time until a revocation holds.',
  ),
  edgeGraceSeconds: integer(
    EDGE_NUMBERS.graceSeconds,
    EDGE_NUMBERS.graceSeconds.default,
    'How much longer it trusts one while the keys table cannot be reached; 0 fails closed at once.',
  ),
  edgeLookupTimeoutMs: integer(
    EDGE_NUMBERS.lookupTimeoutMs,
    EDGE_NUMBERS.lookupTimeoutMs.default,
    'How long the edge waits for the keys table.',
  ),
  publicHealthPath: text(
    PLAIN_PATH,
    'a plain path such as `/healthz`',
    'Path that the edge lets GET and HEAD reach without a key, for uptime monitors.',
  ),
  corsOrigins: list(
    ORIGIN,
    'origins such as `https://app.example.com`, or `*`',
    'Origins whose browsers may call; preflights of others are refused.',
  ),
  perKeyMetrics: flag(
    true,
    'Count requests and errors by key: a custom metric for each key that is used, and one for each that gets errors.',
  ),
  priceClass: choice(
    ['PriceClass_100', 'PriceClass_200', 'PriceClass_All'],
    'PriceClass_100',
    'Where in the world CloudFront answers: 100 is North America and Europe.',
  ),
  edgeLogRegions: list(
    REGION,
    'regions',
    'Regions, besides the home region and us-east-1, whose edge logs are kept and read.',
  ),
  keyForms: choice(
    KEY_FORMS,
    'x-api-key',
    'How a key may be sent: in the header `x-api-key`, so that it has one rate limit, or also as Bearer and HTTP Basic, each with a limit of its own.',
  ),
  requestsPerSecondPerIp: integer(
    RATE,
    1000,
    'Requests a second that one address may make, averaged over a minute; a NAT address stands for many callers.',
  ),
  requestsPerSecondPerKey: integer(
    RATE,
    500,
    'Requests a second that one API key may make, from all addresses together, averaged over a minute.',
  ),
  allowedCidrs: list(
    CIDR,
    'IPv4 or IPv6 blocks',
    'Only these addresses may call; empty allows all.',
  ),
  blockAnonymousIps: flag(
    false,
    'Block hosting providers, VPNs and Tor; machine clients live at hosting providers.',
  ),

  alarmEmail: text(EMAIL, 'an e-mail address', 'Who is told of alarms.'),
  mailFrom: text(
    EMAIL,
    'an e-mail address',
    'Sender of mails to owners whose API keys end soon, verified in SES; without it nobody is written to.',
  ),
  availabilityObjective: decimal(
    { min: 90, max: 99.99, unit: '%' },
    99.5,
    'Part of the requests that must not fail.',
  ),
  latencyObjective: decimal(
    { min: 50, max: 99.99, unit: '%' },
    95,
    'Part of the requests that must be answered within the target response time.',
  ),
} as const;

type Settings = typeof SETTINGS;
type ValueOf<S> = S extends Setting<infer T> ? T : never;

/** One value a setting, and the AWS provider's own. */
export type Values = { readonly [K in keyof Settings]: ValueOf<Settings[K]> } & {
  /** Home region: VPC, tables, service. */
  readonly region: string;
  /** AWS profile for the provider, when the stack names one. */
  readonly profile?: string;
};

/** Settings that are gone, with what took their place: stack files live longer than settings. */
export const RETIRED: Readonly<Record<string, string>> = {
  containerPort: 'The workload says it: `port` in its declaration.',
  rateLimitPerIp:
    'It is requestsPerSecondPerIp, in requests a second: 6000 in 5 minutes were 20 a second.',
  rateLimitPerKey:
    'It is requestsPerSecondPerKey, in requests a second: 30000 in 5 minutes were 100 a second.',
  healthPath: 'The workload says it: `health` in its declaration.',
};
