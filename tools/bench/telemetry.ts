// What telemetry costs on the real route: CPU time a request without it, with it, and with its peers.
import { compare } from './main';
import type { BenchResult, Benchmarks } from './main';
import { measure } from './service-load';

const sampled = (share: number): NodeJS.ProcessEnv => ({
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
  OTEL_TRACES_SAMPLER_ARG: String(share),
  // As they are exported within a round, so that what that takes is in.
  OTEL_BSP_SCHEDULE_DELAY: '500',
  OTEL_METRIC_EXPORT_INTERVAL: '1000',
});
/** A request, and the one call of DynamoDB in it. */
const SPANS_A_REQUEST = 2;

/** The peer sees calls of the SDK's own client alone: all are measured with it. */
const SDK = { '/kit/document-client': 'service-sdk.server.ts' };

async function telemetry(): Promise<BenchResult[]> {
  const { off, ...others } = await measure(
    {
      off: { env: { OTEL_SDK_DISABLED: 'true' }, replace: SDK },
      'telemetry at 10 % sampling': { env: sampled(0.1), replace: SDK },
      'telemetry at 100 % sampling': { env: sampled(1), replace: SDK },
      '@hono/otel and instrumentation-aws-sdk at 100 % sampling': {
        env: sampled(1),
        replace: { ...SDK, '/kit/telemetry': 'telemetry-peer.server.ts' },
      },
    },
    'GET /users/{id}',
  );
  const results = Object.entries(others).flatMap(([name, { cpu, rate, requests, spans }]) => [
    compare({
      name: `${name}: CPU time a request`,
      ours: cpu,
      peer: off.cpu,
      peerName: 'without telemetry',
      unit: 'us',
      better: 'lower',
    }),
    compare({
      name: `${name}: throughput`,
      ours: rate,
      peer: off.rate,
      peerName: 'without telemetry',
      unit: 'requests/s',
      better: 'higher',
    }),
    compare({
      name: `${name}: spans received a request`,
      ours: spans / requests,
      peer: SPANS_A_REQUEST,
      peerName: 'spans made a recorded request',
      unit: 'spans',
      better: 'higher',
    }),
  ]);
  return [
    ...results,
    compare({
      name: 'overhead at 100 % sampling: CPU time a request',
      ours: others['telemetry at 100 % sampling'].cpu - off.cpu,
      peer: others['@hono/otel and instrumentation-aws-sdk at 100 % sampling'].cpu - off.cpu,
      peerName: '@hono/otel and instrumentation-aws-sdk',
      unit: 'us',
      better: 'lower',
    }),
  ];
}

export const benchmarks: Benchmarks = { telemetry };
