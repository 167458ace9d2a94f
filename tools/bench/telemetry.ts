// What telemetry costs: requests a second of one JSON route with it and without, in one run.
import autocannon from 'autocannon';
import { median, startServer } from './child';
import type { BenchServer } from './child';
import { compare } from './main';
import type { BenchResult, Benchmarks } from './main';

const CONNECTIONS = 20;
const ROUNDS = 5;
const WARM_UP_SECONDS = 2;
const ROUND_SECONDS = 3;
const PATH = '/users/0b7e3f1c-6d7e-4d7a-9f43-0d8f2f6f2f11';

interface Subject {
  readonly name: string;
  readonly variant: string;
  /** Share of requests that are recorded. */
  readonly sampling: number;
  readonly rates: number[];
  requests: number;
  spans: number;
}

async function load(server: BenchServer, seconds: number): Promise<autocannon.Result> {
  const result = await autocannon({
    url: server.url + PATH,
    connections: CONNECTIONS,
    duration: seconds,
  });
  if (result.non2xx > 0 || result.errors > 0) throw new Error('requests failed');
  return result;
}

async function measure(subjects: readonly Subject[]): Promise<void> {
  const collector = await startServer('telemetry.server.ts', ['collector']);
  const servers: BenchServer[] = [];
  try {
    for (const { variant, sampling } of subjects) {
      const server = await startServer('telemetry.server.ts', [variant], {
        OTEL_EXPORTER_OTLP_ENDPOINT: collector.url,
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: String(sampling),
        OTEL_METRIC_EXPORT_INTERVAL: '10000',
      });
      servers.push(server);
      await load(server, WARM_UP_SECONDS);
    }
    // Rounds take turns, so that whatever else the machine does meets all of them.
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [at, subject] of subjects.entries()) {
        await fetch(collector.url);
        const result = await load(servers[at] as BenchServer, ROUND_SECONDS);
        subject.rates.push(result.requests.average);
        subject.requests += result.requests.total;
        const { spans } = (await (await fetch(collector.url)).json()) as { spans: number };
        subject.spans += spans;
      }
    }
  } finally {
    await Promise.all([...servers, collector].map((server) => server.stop()));
  }
}

function subject(name: string, variant: string, sampling: number): Subject {
  return { name, variant, sampling, rates: [], requests: 0, spans: 0 };
}

async function telemetry(): Promise<BenchResult[]> {
  const plain = subject('plain', 'plain', 0);
  const full = subject('telemetry at 100 % sampling', 'gatehouse', 1);
  const tenth = subject('telemetry at 10 % sampling', 'gatehouse', 0.1);
  const other = subject('@hono/otel at 100 % sampling', 'hono-otel', 1);
  await measure([plain, full, tenth, other]);
  return [full, tenth, other].flatMap(({ name, rates, requests, spans, sampling }) => [
    compare({
      name: `${name}: throughput`,
      ours: median(rates),
      peer: median(plain.rates),
      peerName: 'the same app without telemetry',
      unit: 'requests/s',
      better: 'higher',
    }),
    compare({
      name: `${name}: spans received`,
      ours: spans,
      peer: Math.round(requests * sampling),
      peerName: 'spans expected',
      unit: 'spans',
      better: 'higher',
    }),
  ]);
}

export const benchmarks: Benchmarks = { telemetry };
