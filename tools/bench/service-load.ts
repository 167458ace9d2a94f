// What a request costs the service: variants of it under the same load, in turns, with their CPU time.
import autocannon from 'autocannon';
import { randomUUID } from 'node:crypto';
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../contracts/headers';
import { median, startServer } from './child';
import type { BenchServer } from './child';
import type { Costs } from './service.server';

const SECRET = 'the-secret-of-the-benchmark';
const CONNECTIONS = 20;
const ROUNDS = 11;
const WARM_UP_REQUESTS = 8000;
/** Enough that what a round starts and ends with does not count. */
const ROUND_REQUESTS = 3000;

export interface Variant {
  readonly env?: NodeJS.ProcessEnv;
  /** Files of the service that others take the place of, by the end of their path. */
  readonly replace?: Readonly<Record<string, string>>;
}

/** What is asked of the service. */
export const ROUTES = {
  'GET /users/{id}': { path: '/users/0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11', method: 'GET' },
  'POST /users': {
    path: '/users',
    method: 'POST',
    // autocannon puts an id of its own here: of several requests for one address the service asks once.
    body: JSON.stringify({
      data: { type: 'users', attributes: { name: 'Ana', email: '[<id>]@example.com' } },
    }),
  },
} as const;

export interface Outcome {
  /**
   * Processor time a request, in microseconds: the first variant's median, and of another what it took
   * more or less in the same round, so that a machine that slows down for a while slows down both.
   */
  readonly cpu: number;
  /** Requests a second; median of the rounds. */
  readonly rate: number;
  readonly requests: number;
  /** Spans that the collector received. */
  readonly spans: number;
}

interface Running {
  readonly server: BenchServer;
  readonly url: string;
  readonly costsUrl: string;
  readonly cpu: number[];
  readonly rates: number[];
  requests: number;
  spans: number;
}

/** Loads every variant with one route; rounds take turns, so that what else the machine does meets all. */
export async function measure<Name extends string>(
  variants: Readonly<Record<Name, Variant>>,
  route: keyof typeof ROUTES,
): Promise<Record<Name, Outcome>> {
  const aws = await startServer('aws.server.ts');
  const collector = await startServer('collector.server.ts');
  const running = new Map<string, Running>();
  try {
    for (const [name, variant] of Object.entries<Variant>(variants)) {
      const service = await startService(variant, aws.url, collector.url);
      running.set(name, service);
      await load(service, route, WARM_UP_REQUESTS);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const service of running.values()) await measureRound(service, route, collector.url);
    }
    const base = [...running.values()][0]?.cpu ?? [];
    return Object.fromEntries(
      [...running].map(([name, { cpu, rates, requests, spans }]) => {
        const more = cpu.map((each, round) => each - (base[round] ?? NaN));
        return [name, { cpu: median(base) + median(more), rate: median(rates), requests, spans }];
      }),
    ) as Record<Name, Outcome>;
  } finally {
    const servers = [...running.values()].map(({ server }) => server);
    await Promise.all([...servers, aws, collector].map((server) => server.stop()));
  }
}

async function startService(variant: Variant, aws: string, collector: string): Promise<Running> {
  const server = await startServer('service.server.ts', {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL: aws,
      USERS_TABLE: 'users',
      CREDENTIALS_TABLE: 'credentials',
      CREDENTIALS_KEY_ARN: 'arn:aws:kms:us-east-1:123456789012:key/bench',
      ORIGIN_SECRET: SECRET,
      OTEL_EXPORTER_OTLP_ENDPOINT: collector,
      ...variant.env,
    },
    replace: variant.replace ?? {},
  });
  const [url = '', costsPort = ''] = server.url.split(' ');
  const costsUrl = `http://127.0.0.1:${costsPort}`;
  return { server, url, costsUrl, cpu: [], rates: [], requests: 0, spans: 0 };
}

async function load(
  { url }: Running,
  route: keyof typeof ROUTES,
  requests: number,
): Promise<{ requests: number; seconds: number }> {
  const { path, ...request } = ROUTES[route];
  const startMs = performance.now();
  let endMs = startMs;
  const run = autocannon({
    ...request,
    url: url + path,
    connections: CONNECTIONS,
    amount: requests,
    idReplacement: true,
    headers: {
      [ORIGIN_SECRET_HEADER]: SECRET,
      [IDENTITY_HEADERS.keyId]: 'bench',
      [IDENTITY_HEADERS.scopes]: 'users:read users:write',
      'content-type': 'application/vnd.api+json',
      'user-agent': `bench/${randomUUID()}`,
    },
  });
  // Its own duration is a whole number of seconds.
  run.on('response', () => {
    endMs = performance.now();
  });
  const result = await run;
  if (result.non2xx > 0 || result.errors > 0) throw new Error(`${route}: requests failed`);
  return { requests: result.requests.total, seconds: (endMs - startMs) / 1000 };
}

async function measureRound(
  service: Running,
  route: keyof typeof ROUTES,
  collectorUrl: string,
): Promise<void> {
  const ask = async <T>(url: string) => (await (await fetch(url)).json()) as T;
  await ask(collectorUrl);
  await ask(service.costsUrl);
  const { requests, seconds } = await load(service, route, ROUND_REQUESTS);
  const { cpuMicroseconds } = await ask<Costs>(service.costsUrl);
  service.cpu.push(cpuMicroseconds / requests);
  service.rates.push(requests / seconds);
  service.requests += requests;
  service.spans += (await ask<{ spans: number }>(collectorUrl)).spans;
}
