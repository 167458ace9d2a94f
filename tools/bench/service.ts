// What a call of DynamoDB costs the service: its own client of documents against the SDK's.
import { compare } from './main';
import type { BenchResult, Benchmarks } from './main';
import { measure, ROUTES } from './service-load';

// As `prod` has it: the default of `traceSampling`.
const TELEMETRY = {
  OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
  OTEL_TRACES_SAMPLER_ARG: '0.1',
};

async function service(): Promise<BenchResult[]> {
  const results: BenchResult[] = [];
  for (const route of Object.keys(ROUTES) as (keyof typeof ROUTES)[]) {
    const { ours, peer } = await measure(
      {
        ours: { env: TELEMETRY },
        peer: { env: TELEMETRY, replace: { '/kit/document-client': 'service-sdk.server.ts' } },
      },
      route,
    );
    results.push(
      compare({
        name: `${route}: CPU time a request`,
        ours: ours.cpu,
        peer: peer.cpu,
        peerName: "the SDK's document client",
        unit: 'us',
        better: 'lower',
      }),
    );
  }
  return results;
}

export const benchmarks: Benchmarks = { service };
