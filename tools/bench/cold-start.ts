// Cold start: from the start of the bundled container entry to its first answer, and the bundles' size.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { bundleService } from '../../service/bundle';
import { median } from './child';
import { compare } from './main';
import type { BenchResult, Benchmarks } from './main';

const ROUNDS = 7;
const START_LIMIT_MS = 400;
const SIZE_LIMIT_MB = 3;

/** Milliseconds from spawn to the first answer of `/healthz`. */
async function start(main: string): Promise<number> {
  const startMs = performance.now();
  const child = spawn(process.execPath, [main], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: '0',
      AWS_REGION: 'us-east-1',
      USERS_TABLE: 'users',
      CREDENTIALS_TABLE: 'credentials',
      CREDENTIALS_KEY_ARN: 'arn:aws:kms:us-east-1:123456789012:key/bench',
      ORIGIN_SECRET: 'the-secret-of-the-benchmark',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9',
    },
  });
  try {
    for await (const line of createInterface({ input: child.stdout })) {
      const { port } = JSON.parse(line) as { port?: number };
      if (port === undefined) continue;
      const answer = await fetch(`http://127.0.0.1:${port}/healthz`);
      if (!answer.ok) throw new Error(`/healthz answered ${answer.status}`);
      return performance.now() - startMs;
    }
    throw new Error('the service ended before it listened');
  } finally {
    child.kill('SIGKILL');
    await once(child, 'close');
  }
}

async function coldStart(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-'));
  try {
    const { main } = await bundleService(folder);
    const times: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) times.push(await start(main));
    return [
      compare({
        name: 'cold start of the service to its first /healthz',
        ours: median(times),
        peer: START_LIMIT_MS,
        peerName: 'limit',
        unit: 'ms',
        better: 'lower',
      }),
      compare({
        name: 'bundle of the container entry',
        ours: (await stat(main)).size / 1_000_000,
        peer: SIZE_LIMIT_MB,
        peerName: 'limit',
        unit: 'MB',
        better: 'lower',
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export const benchmarks: Benchmarks = { 'cold-start': coldStart };
