// Export of 200,000 users: eight segments against one, and the heap that it takes.
import { IDENTITY_HEADERS, ORIGIN_SECRET_HEADER } from '../../contracts/headers';
import { startServer } from './child';
import { compare } from './main';
import type { BenchResult, Benchmarks } from './main';
import type { Costs } from './service.server';

const USERS = 200_000;
/** What a page of DynamoDB takes within a region, in milliseconds. */
const PAGE_DELAY_MS = 5;
const HEAP_LIMIT_MB = 150;
const SECRET = 'the-secret-of-the-benchmark';

interface Outcome {
  readonly seconds: number;
  readonly peakMb: number;
}

async function exportAll(url: string, memoryUrl: string, segments: number): Promise<Outcome> {
  await fetch(memoryUrl);
  const startMs = performance.now();
  const response = await fetch(`${url}/users/export?segments=${segments}`, {
    headers: {
      [ORIGIN_SECRET_HEADER]: SECRET,
      [IDENTITY_HEADERS.keyId]: 'bench',
      [IDENTITY_HEADERS.scopes]: 'users:read',
    },
  });
  let lines = 0;
  for await (const chunk of response.body ?? []) {
    for (const byte of chunk as Uint8Array) lines += byte === 0x0a ? 1 : 0;
  }
  if (lines !== USERS) throw new Error(`${lines} users came instead of ${USERS}`);
  const seconds = (performance.now() - startMs) / 1000;
  const { peakBytes } = (await (await fetch(memoryUrl)).json()) as Costs;
  return { seconds, peakMb: peakBytes / 1_048_576 };
}

async function measure(): Promise<BenchResult[]> {
  const table = await startServer('paged-table.server.ts', {
    env: { BENCH_USERS: String(USERS), BENCH_PAGE_DELAY_MS: String(PAGE_DELAY_MS) },
  });
  const service = await startServer('service.server.ts', {
    env: {
      AWS_REGION: 'us-east-1',
      AWS_ACCESS_KEY_ID: 'bench',
      AWS_SECRET_ACCESS_KEY: 'bench',
      AWS_ENDPOINT_URL: table.url,
      USERS_TABLE: 'users',
      CREDENTIALS_TABLE: 'credentials',
      CREDENTIALS_KEY_ARN: 'arn:aws:kms:us-east-1:123456789012:key/bench',
      ORIGIN_SECRET: SECRET,
      OTEL_SDK_DISABLED: 'true',
      LOG_LEVEL: 'error',
      BENCH_HEAP: 'true',
    },
  });
  try {
    const [port = '', memoryPort = ''] = service.url.replace('http://127.0.0.1:', '').split(' ');
    const run = (segments: number) =>
      exportAll(`http://127.0.0.1:${port}`, `http://127.0.0.1:${memoryPort}`, segments);
    await run(8);
    const one = await run(1);
    const eight = await run(8);
    return [
      compare({
        name: `export of ${USERS} users, ${PAGE_DELAY_MS} ms a page, 8 segments: throughput`,
        ours: USERS / eight.seconds,
        peer: USERS / one.seconds,
        peerName: '1 segment',
        unit: 'users/s',
        better: 'higher',
      }),
      compare({
        name: `export of ${USERS} users, 8 segments: largest heap`,
        ours: eight.peakMb,
        peer: HEAP_LIMIT_MB,
        peerName: 'limit',
        unit: 'MB',
        better: 'lower',
      }),
    ];
  } finally {
    await Promise.all([service.stop(), table.stop()]);
  }
}

export const benchmarks: Benchmarks = { export: measure };
