// Makes a workload file and the settings of a stack out of a manifest, and says what became of the rest.
import { lostFields, type Lost } from './lost';
import type { Manifest, ReadManifest } from './manifest';
import { Notes } from './notes';
import { countOf, sizeOf } from './size';
import { environmentOf, logLevelOf, secretsOf, type Surroundings } from './variables';

export interface Conversion {
  /** The workload file, as a value. */
  readonly workload: Readonly<Record<string, unknown>>;
  /** Settings by their full keys. */
  readonly settings: Readonly<Record<string, unknown>>;
  readonly lost: readonly Lost[];
  /** Sentences with a command each, for what nobody but the owner knows. */
  readonly toDo: readonly string[];
}

/** Copilot's defaults: https://aws.github.io/copilot-cli/docs/manifest/lb-web-service/ */
const DEFAULTS = { healthPath: '/', port: 8080 };
const ECR = /^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com\//;
const DIGEST = /@sha256:[0-9a-f]{64}$/;

/** Where the workload file is, seen from Pulumi.yaml. */
export function workloadFile(name: string): string {
  return `workloads/${name}/workload.yaml`;
}

export function convert(read: ReadManifest, given: Surroundings): Conversion {
  const { manifest, line, environments } = read;
  const notes = new Notes();
  const [, account, region] = ECR.exec(manifest.image.location ?? '') ?? [];
  const where = { ...given, region: given.region ?? region, account: given.account ?? account };
  const http = manifest.http === false ? undefined : manifest.http;
  const name = nameOf(read, notes);
  notes.lose(0, 'access without a key', 'every request needs a key with a scope; see "To do"');
  const others = environments.filter((one) => one !== given.environment);
  if (others.length > 0) {
    notes.lose(
      line('environments'),
      `environments ${others.join(', ')}`,
      'a stack is one environment: run this again with --environment and --stack',
    );
  }
  const workload = {
    name,
    port: portOf(read, notes),
    health: healthOf(http),
    scopes: { [`${name}:read`]: `Read ${name}.`, [`${name}:write`]: `Change ${name}.` },
    rules: rulesOf(name, http?.path ?? '/'),
    ...environmentOf(read, where, notes),
    ...secretsOf(read, where, notes),
  };
  const settings = {
    ...(where.region === undefined ? {} : { 'aws:region': where.region }),
    'gatehouse:workload': workloadFile(name),
    ...imageOf(read, notes),
    ...sizeOf(read, notes),
    ...countOf(read, notes),
    ...logLevelOf(read),
    ...(http?.allowed_source_ips === undefined
      ? {}
      : { 'gatehouse:allowedCidrs': http.allowed_source_ips }),
  };
  domainOf(http, notes);
  notes.toDo.push(
    `Look at scopes and rules in ${workloadFile(name)}, then give each caller a key: npm run keys -- issue --stack STACK --owner you@example.com --scope ${name}:read`,
    'Make the program safe behind the gate: docs/own-api.md#safe-behind-the-gate',
  );
  return {
    workload,
    settings,
    lost: [...notes.lost, ...lostFields(read)].sort((one, other) => one.line - other.line),
    toDo: notes.toDo,
  };
}

/** As a workload takes it: up to 32 characters with single dashes. */
function nameOf({ manifest: { name }, line }: ReadManifest, notes: Notes): string {
  const short = name.replace(/-+/g, '-').slice(0, 32).replace(/-$/, '');
  if (short !== name) notes.lose(line('name'), `name ${name}`, `it is ${short} here`);
  return short;
}

function portOf({ manifest: { image }, line }: ReadManifest, notes: Notes): number {
  const port = image.port ?? DEFAULTS.port;
  if (port >= 1024) return port;
  notes.lose(
    line('image', 'port'),
    `port ${port}`,
    `no process runs as root: it has to listen on PORT, ${DEFAULTS.port}`,
  );
  return DEFAULTS.port;
}

type Http = Exclude<Manifest['http'], false | undefined>;

function healthOf(http: Http | undefined): string {
  const { healthcheck } = http ?? {};
  const path = typeof healthcheck === 'object' ? healthcheck.path : healthcheck;
  return path ?? DEFAULTS.healthPath;
}

function rulesOf(name: string, path: string): object[] {
  const parts = path.split('/').filter(Boolean);
  const below = ['', ...parts, '**'].join('/');
  return [
    { methods: ['GET', 'HEAD'], path: below, scope: `${name}:read` },
    { methods: ['POST', 'PUT', 'PATCH', 'DELETE'], path: below, scope: `${name}:write` },
  ];
}

function imageOf(
  { manifest: { image, platform }, line }: ReadManifest,
  notes: Notes,
): { 'gatehouse:image'?: string } {
  const { location } = image;
  if (!/arm64/i.test(JSON.stringify(platform ?? ''))) {
    notes.lose(
      platform === undefined ? 0 : line('platform'),
      'platform linux/x86_64',
      'tasks run on ARM64: build the image for linux/arm64',
    );
  }
  if (location !== undefined && DIGEST.test(location)) return { 'gatehouse:image': location };
  notes.toDo.push(
    location === undefined
      ? 'Build the image for ARM64 and push it: docker buildx build --platform linux/arm64 --push -t REGISTRY/NAME:TAG .'
      : `Find the digest of the image: docker buildx imagetools inspect '${location}'`,
    'Name it: npx pulumi config set --stack STACK gatehouse:image REGISTRY/NAME@sha256:…',
  );
  return {};
}

/** The zone is named by Copilot's id, or not at all. */
function domainOf(http: Http | undefined, notes: Notes): void {
  if (http?.alias === undefined) return;
  const all = [http.alias].flat().map((one) => (typeof one === 'string' ? one : one.name));
  const [first = '', ...others] = all;
  notes.toDo.push(
    `Take the host name over once callers may move: npx pulumi config set --stack STACK gatehouse:domain ${first}, and gatehouse:hostedZone to the name of its public zone.`,
  );
  if (others.length > 0) {
    notes.toDo.push(`A stack has one host name; without one now: ${others.join(', ')}.`);
  }
}
