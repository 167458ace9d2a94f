// The edge check's cost: size, cold load, a cached decision, memory; against the AWS SDK and a JWT.
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { formatKey, KEY_ID_LENGTH, SECRET_LENGTH } from '../../contracts/api-key';
import { bundleEdge } from '../../edge/bundle';
import { resolveEdgeSettings, type EdgeSettings } from '../../edge/settings';
import { compare, type BenchResult, type Benchmarks } from './main';

const SETTINGS: EdgeSettings = {
  stack: 'bench',
  environment: 'bench',
  keysTable: 'gatehouse-keys-1234567',
  regions: ['eu-central-1', 'us-east-1'],
};

/** Fresh processes a bundle; the two take turns, so that a busy machine is busy for both. */
const COLD_STARTS = 15;
/** Rounds of decisions; ours and the peer's take turns here as well. */
const DECISION_ROUNDS = 5;

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
    await buildRunner('edge-cold.server.ts', cold);
    await buildRunner('edge-runner.server.ts', runner);
    return [
      await bundleSize(ours, sdk),
      ...(await coldLoad(cold, ours, sdk)),
      ...(await decisions(runner, ours)),
      await memory(runner, ours),
    ];
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

async function coldLoad(cold: string, ours: string, sdk: string): Promise<BenchResult[]> {
  const key = formatKey('bench', '0'.repeat(KEY_ID_LENGTH), 'x'.repeat(SECRET_LENGTH));
  const store = createServer((request, response) => {
    request.resume();
    response.setHeader('content-type', 'application/x-amz-json-1.0').end('{}');
  }).listen(0, '127.0.0.1');
  await once(store, 'listening');
  const url = `http://127.0.0.1:${(store.address() as AddressInfo).port}`;
  const start = async (bundle: string) =>
    JSON.parse(await node([cold, bundle, key, url])) as ColdStart;
  const starts: { ours: ColdStart; sdk: ColdStart }[] = [];
  for (let i = 0; i < COLD_STARTS; i++) {
    starts.push({ ours: await start(ours), sdk: await start(sdk) });
  }
  store.closeAllConnections();
  store.close();
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
async function decisions(runner: string, bundle: string): Promise<BenchResult[]> {
  const run = async (...args: string[]) => JSON.parse(await node([runner, ...args])) as Latency;
  const rounds: Record<'decide' | 'jwt' | 'refuse' | 'forged', Latency>[] = [];
  for (let i = 0; i < DECISION_ROUNDS; i++) {
    rounds.push({
      decide: await run('decide', bundle),
      jwt: await run('jwt'),
      refuse: await run('refuse', bundle),
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

async function memory(runner: string, bundle: string): Promise<BenchResult> {
  const measure = async (...args: string[]) =>
    Number(await node(['--expose-gc', runner, 'memory', ...args]));
  return compare({
    name: 'edge memory over idle, 100,000 distinct keys seen',
    ours: await measure(bundle),
    peer: await measure(),
    peerName: 'an unbounded Map of the same records',
    unit: 'MB',
    better: 'lower',
  });
}

async function node(args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, args);
  return stdout;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
