// The edge check's cost: size, a cached decision, memory; against the AWS SDK and a JWT.
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { bundleEdge } from '../../edge/bundle';
import { median } from './child';
import { buildRunner, buildWithSdk, LAMBDA_FLAGS, node, SDK_PEER, SETTINGS } from './edge-build';
import { answerFor } from './edge-keys.server';
import { compare, type BenchResult, type Benchmarks } from './main';

/** Rounds of decisions; ours and the peer's take turns here as well. */
const DECISION_ROUNDS = 5;

/** Pairs of processes that make 100,000 look-ups each; about 30 s a pair. */
const MEMORY_ROUNDS = 3;
export const benchmarks: Benchmarks = { edge: benchEdge };

async function benchEdge(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-edge-'));
  try {
    const ours = join(folder, 'ours.js');
    const sdk = join(folder, 'sdk.js');
    await writeFile(ours, await bundleEdge(SETTINGS));
    await buildWithSdk(sdk);
    const runner = join(folder, 'runner.js');
    const memory = join(folder, 'memory.js');
    const uncached = join(folder, 'uncached.js');
    await writeFile(uncached, await bundleEdge({ ...SETTINGS, cacheSeconds: 0 }));
    await buildRunner('edge-runner.server.ts', runner);
    await buildRunner('edge-memory.server.ts', memory);
    const store = await startStore();
    try {
      return [
        await bundleSize(ours, sdk),
        ...(await decisions(runner, ours, store.url)),
        ...(await memoryOverIdle(memory, ours, uncached, store.url)),
      ];
    } finally {
      store.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function bundleSize(ours: string, sdk: string): Promise<BenchResult> {
  return compare({
    name: 'edge bundle size',
    ours: (await stat(ours)).size,
    peer: (await stat(sdk)).size,
    peerName: SDK_PEER,
    unit: 'bytes',
    better: 'lower',
  });
}

/** Answers every look-up with the record of its key. */
async function startStore(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { Key } = JSON.parse(body) as { Key: { keyId: { S: string } } };
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(answerFor(Key.keyId.S));
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

interface Latency {
  readonly medianUs: number;
  readonly p99Us: number;
}

/** Decisions on a known key against good tokens, refusals of made-up keys against forged ones. */
async function decisions(runner: string, bundle: string, store: string): Promise<BenchResult[]> {
  const run = async (...args: string[]) => JSON.parse(await node([runner, ...args])) as Latency;
  const rounds: Record<'decide' | 'jwt' | 'refuse' | 'forged', Latency>[] = [];
  for (let i = 0; i < DECISION_ROUNDS; i++) {
    rounds.push({
      decide: await run('decide', bundle, store),
      jwt: await run('jwt'),
      refuse: await run('refuse', bundle, store),
      forged: await run('forged-jwt'),
    });
  }
  const of = (who: keyof (typeof rounds)[number], what: keyof Latency) =>
    median(rounds.map((round) => round[who][what]));
  const unit = { unit: 'us', better: 'lower' } as const;
  const verified = { peerName: 'an RS256 JWT verified by aws-jwt-verify, keys cached', ...unit };
  return [
    compare({
      name: 'edge cached decision, median',
      ours: of('decide', 'medianUs'),
      peer: of('jwt', 'medianUs'),
      ...verified,
    }),
    compare({
      name: 'edge cached decision, p99',
      ours: of('decide', 'p99Us'),
      peer: of('jwt', 'p99Us'),
      ...verified,
    }),
    compare({
      name: 'edge refusal of a made-up key, median',
      ours: of('refuse', 'medianUs'),
      peer: of('forged', 'medianUs'),
      peerName: 'a forged RS256 JWT refused by aws-jwt-verify',
      ...unit,
    }),
  ];
}

interface MemoryOverIdle {
  readonly heapMb: number;
  readonly rssMb: number;
}

/**
 * Heap against a Map of the same records; RSS against as many look-ups of 100 keys, which is what the
 * runtime takes for itself once it is busy, whatever the keys.
 */
async function memoryOverIdle(
  runner: string,
  bundle: string,
  uncached: string,
  store: string,
): Promise<BenchResult[]> {
  const run = async (...args: string[]) =>
    JSON.parse(await node(['--expose-gc', ...LAMBDA_FLAGS, runner, ...args])) as MemoryOverIdle;
  const rounds: { ours: MemoryOverIdle; few: MemoryOverIdle }[] = [];
  for (let i = 0; i < MEMORY_ROUNDS; i++) {
    const [ours, few] = await Promise.all([run(bundle, store), run(uncached, store, '100')]);
    rounds.push({ ours, few });
  }
  const map = await run();
  const unit = { unit: 'MB', better: 'lower' } as const;
  return [
    compare({
      name: 'edge heap over idle, 100,000 distinct keys seen',
      ours: median(rounds.map(({ ours }) => ours.heapMb)),
      peer: map.heapMb,
      peerName: 'an unbounded Map of the same records',
      ...unit,
    }),
    compare({
      name: `edge RSS over idle, 100,000 distinct keys seen, median of ${MEMORY_ROUNDS} processes`,
      ours: median(rounds.map(({ ours }) => ours.rssMb)),
      peer: median(rounds.map(({ few }) => few.rssMb)),
      peerName: 'the same function after as many look-ups of 100 keys',
      ...unit,
    }),
  ];
}
