// The edge check's cost: size, cold load, a cached decision, memory; against the AWS SDK and a JWT.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { formatKey, KEY_ID_LENGTH, SECRET_LENGTH } from '../../contracts/api-key';
import { bundleEdge } from '../../edge/bundle';
import { resolveEdgeSettings, type EdgeSettings } from '../../edge/settings';
import { workload } from '../../service/workload';
import { answerFor } from './edge-keys.server';
import { compare, type BenchResult, type Benchmarks } from './main';

const SETTINGS: EdgeSettings = {
  stack: 'bench',
  environment: 'bench',
  keysTable: 'gatehouse-keys-1234567',
  regions: ['eu-central-1', 'us-east-1'],
  rules: workload.rules,
  errors: workload.errors,
};

/** Fresh processes a bundle; the two take turns, so that a busy machine is busy for both. */
const COLD_STARTS = 15;
/** Rounds of decisions; ours and the peer's take turns here as well. */
const DECISION_ROUNDS = 5;

/** Pairs of processes that make 100,000 look-ups each; about 30 s a pair. */
const MEMORY_ROUNDS = 3;
/** As Lambda starts Node.js in 128 MB: a tenth for new objects (two halves), the rest for old ones. */
const LAMBDA_FLAGS = ['--expose-gc', '--max-semi-space-size=6', '--max-old-space-size=116'];
/** Id of a key that the store does not hold. */
const ABSENT = 'z'.repeat(KEY_ID_LENGTH);

export const benchmarks: Benchmarks = { edge: benchEdge };

async function benchEdge(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-edge-'));
  try {
    const ours = join(folder, 'ours.js');
    const sdk = join(folder, 'sdk.js');
    await writeFile(ours, bundleEdge(SETTINGS));
    await buildWithSdk(sdk);
    const cold = join(folder, 'cold.js');
    const runner = join(folder, 'runner.js');
    const memory = join(folder, 'memory.js');
    const uncached = join(folder, 'uncached.js');
    await writeFile(uncached, bundleEdge({ ...SETTINGS, cacheSeconds: 0 }));
    await buildRunner('edge-cold.server.ts', cold);
    await buildRunner('edge-runner.server.ts', runner);
    await buildRunner('edge-memory.server.ts', memory);
    const store = await startStore();
    try {
      return [
        await bundleSize(ours, sdk),
        ...(await coldLoad(cold, ours, sdk, store.url)),
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

/** The same function, but its look-up made by the AWS SDK. */
async function buildWithSdk(outfile: string): Promise<void> {
  const lookup = join(__dirname, 'edge-sdk-lookup.server.ts');
  await build({
    entryPoints: [join(__dirname, '../../edge/entry.ts')],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
    format: 'cjs',
    define: { EDGE_SETTINGS: JSON.stringify(resolveEdgeSettings(SETTINGS)) },
    plugins: [
      {
        name: 'sdk-lookup',
        setup: (plugins) =>
          plugins.onResolve({ filter: /^\.\/dynamodb$/ }, () => ({ path: lookup })),
      },
    ],
  });
}

/** Bundled, because a loader like tsx would add code of its own to what is measured. */
async function buildRunner(file: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [join(__dirname, file)],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node22',
  });
}

async function bundleSize(ours: string, sdk: string): Promise<BenchResult> {
  return compare({
    name: 'edge bundle size',
    ours: (await stat(ours)).size,
    peer: (await stat(sdk)).size,
    peerName: 'the same function on @aws-sdk/client-dynamodb',
    unit: 'bytes',
    better: 'lower',
  });
}

interface ColdStart {
  /** Time to load the code. */
  readonly loadMs: number;
  /** Time to load it and to decide on the first key, its look-up answered at once. */
  readonly firstDecisionMs: number;
}

/** Answers every look-up with the record of its key; the cold start's key has no record. */
async function startStore(): Promise<{ url: string; close(): void }> {
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      const { Key } = JSON.parse(body) as { Key: { keyId: { S: string } } };
      const keyId = Key.keyId.S;
      response.setHeader('content-type', 'application/x-amz-json-1.0');
      response.end(keyId === ABSENT ? '{}' : answerFor(keyId));
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

async function coldLoad(
  cold: string,
  ours: string,
  sdk: string,
  store: string,
): Promise<BenchResult[]> {
  const key = formatKey('bench', ABSENT, 'x'.repeat(SECRET_LENGTH));
  const start = async (bundle: string) =>
    JSON.parse(await node([cold, bundle, key, store])) as ColdStart;
  const starts: { ours: ColdStart; sdk: ColdStart }[] = [];
  for (let i = 0; i < COLD_STARTS; i++) {
    starts.push({ ours: await start(ours), sdk: await start(sdk) });
  }
  const result = (name: string, pick: (start: ColdStart) => number) =>
    compare({
      name: `edge cold ${name}, median of ${COLD_STARTS} processes`,
      ours: median(starts.map((start) => pick(start.ours))),
      peer: median(starts.map((start) => pick(start.sdk))),
      peerName: 'the same function on @aws-sdk/client-dynamodb',
      unit: 'ms',
      better: 'lower',
    });
  return [
    result('load', ({ loadMs }) => loadMs),
    result('load and first decision', ({ firstDecisionMs }) => firstDecisionMs),
  ];
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
    JSON.parse(await node([...LAMBDA_FLAGS, runner, ...args])) as MemoryOverIdle;
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

async function node(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
