// What a manifest may say that has no counterpart here, and why or what takes its place.
import { nearest } from '../../contracts/did-you-mean';
import type { ReadManifest } from './manifest';

/** Something that the manifest says and the stack does not. */
export interface Lost {
  /** Where the manifest says it; 0 for what Copilot did by itself. */
  readonly line: number;
  readonly what: string;
  readonly why: string;
}

const SCALING =
  'tasks follow load, CPU and response time by themselves (targetResponseMs): docs/scaling.md';

/** By path; `*` stands for any key. Children of what is named here are not looked at. */
const REASONS: Readonly<Record<string, string>> = {
  nlb: 'there is no network load balancer: the API is reached by HTTPS through CloudFront',
  exec: 'nobody gets a shell in a task: logs, traces and npm run local tell what it does',
  sidecars: 'a task holds the API and the telemetry collector, nothing else',
  publish: 'topics are not made: allow sns:Publish on yours by rights in the workload file',
  storage:
    'tasks keep nothing: their file systems are read-only; keep data in tables of the workload',
  logging: 'logs go to CloudWatch, encrypted, for logRetentionDays',
  observability: 'traces come from OpenTelemetry, at traceSampling; the collector is in every task',
  taskdef_overrides: 'the task definition is the program’s own: infra/fargate/task-definition.ts',
  entrypoint: 'the image’s own is started',
  command: 'the image’s own is started',
  env_file: 'put its lines into environment of the workload file',
  deployment: 'choose gatehouse:deployment; a deployment is rolled back by its alarms',
  'image.build': 'the image is not built here: see "To do"',
  'image.credentials': 'the image comes from ECR or a public registry',
  'image.labels': 'containers have no labels',
  'image.depends_on': 'no task has other containers to wait for',
  'image.healthcheck':
    'the load balancer asks for the health path; images without a shell stay possible',
  'http.deregistration_delay':
    'a task that leaves finishes its requests: it has as long as the longest may take',
  'http.target_container': 'requests go to the API’s own container',
  'http.stickiness': 'any task answers any request',
  'http.hosted_zone': 'name the zone by hostedZone: see "To do"',
  'http.redirect_to_https': 'CloudFront answers HTTPS alone',
  'http.version': 'CloudFront speaks HTTP/1.1 to tasks, HTTP/2 and 3 to callers',
  'http.additional_rules': 'put their paths into rules of the workload file',
  'http.healthcheck.port': 'the health path is asked for at the port of the API',
  'http.healthcheck.success_codes': 'the health path answers 200',
  'http.healthcheck.healthy_threshold': 'the program sets it',
  'http.healthcheck.unhealthy_threshold': 'the program sets it',
  'http.healthcheck.interval': 'the program sets it',
  'http.healthcheck.timeout': 'the program sets it',
  'http.healthcheck.grace_period': 'the program sets it',
  'count.spot': 'tasks do not run on Fargate Spot',
  'count.range.spot_from': 'tasks do not run on Fargate Spot',
  'count.cpu_percentage': SCALING,
  'count.memory_percentage': SCALING,
  'count.requests.cooldown': 'there is one cooldown in each direction',
  'count.response_time.cooldown': 'there is one cooldown in each direction',
  'network.connect': 'there is no service mesh',
  'network.vpc.placement': 'tasks are in private subnets, always',
  'network.vpc.security_groups': 'a task has one group, which the load balancer alone may reach',
};

/** What is converted, or looked into below. */
const KNOWN = new Set([
  ...['name', 'type', 'environments', 'image', 'image.port', 'image.location', 'http', 'http.path'],
  ...['http.healthcheck', 'http.healthcheck.path', 'http.alias', 'http.allowed_source_ips'],
  ...['cpu', 'memory', 'platform', 'count', 'count.range', 'count.range.min', 'count.range.max'],
  ...['count.cooldown', 'count.cooldown.in', 'count.cooldown.out', 'count.response_time'],
  ...['count.response_time.value', 'count.requests', 'count.requests.value'],
  ...['network', 'network.vpc', 'variables', 'secrets'],
]);
/** Mappings whose keys are names of the owner's own. */
const OPAQUE = new Set(['variables', 'secrets', 'environments', 'platform', 'http.alias']);

/** Everything that the manifest says and nobody asked for, in the order of its lines. */
export function lostFields({ manifest, line }: ReadManifest): Lost[] {
  const lost: Lost[] = [];
  const visit = (value: unknown, path: readonly string[]): void => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return;
    for (const [key, inside] of Object.entries(value)) {
      const inner = [...path, key];
      const name = inner.join('.');
      if (KNOWN.has(name)) {
        if (!OPAQUE.has(name)) visit(inside, inner);
        continue;
      }
      lost.push({ line: line(...inner), what: name, why: REASONS[name] ?? unknown(name) });
    }
  };
  visit(manifest, []);
  return lost.sort((one, other) => one.line - other.line);
}

function unknown(name: string): string {
  const near = nearest(name, [...KNOWN, ...Object.keys(REASONS)]);
  return `this command does not know it${near === undefined ? '' : `; did you mean ${near}?`}`;
}
