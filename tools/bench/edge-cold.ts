// The first decision of a cold edge function, TLS included, with the processor that Lambda@Edge gives.
import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { formatKey, KEY_ID_LENGTH, SECRET_LENGTH } from '../../contracts/api-key';
import { bundleEdge } from '../../edge/bundle';
import { median } from './child';
import { createCpuQuota } from './cpu-quota';
import { buildRunner, buildWithSdk, LAMBDA_FLAGS, node, SDK_PEER, SETTINGS } from './edge-build';
import { compare, type BenchResult, type Benchmarks } from './main';

/**
 * A function at a viewer request has 128 MB, and 1,769 MB are one processor.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html
 */
const PROCESSORS = 128 / 1769;

/** Fresh processes of each kind; they take turns, so that a busy machine is busy for all. */
const ROUNDS = 11;

export const benchmarks: Benchmarks = { 'edge-cold': benchCold };

interface ColdStart {
  /** Time to load the code. */
  readonly loadMs: number;
  /** Time of the first decision, its look-up answered at once on a connection that TLS has to open. */
  readonly decisionMs: number;
}

/** From when on a process has no more than its share of a processor. */
type Throttled = 'never' | 'after' | 'before';

type Start = (bundle: 'ours' | 'sdk', throttled: Throttled) => Promise<ColdStart>;

async function benchCold(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'gatehouse-bench-edge-cold-'));
  const quota = createCpuQuota(PROCESSORS);
  try {
    const [ours, sdk, runner] = ['ours.js', 'sdk.js', 'runner.js'].map((name) =>
      join(folder, name),
    ) as [string, string, string];
    await writeFile(ours, await bundleEdge(SETTINGS));
    await buildWithSdk(sdk);
    await buildRunner('edge-cold.server.ts', runner);
    const store = await startStore(folder);
    const key = formatKey('bench', 'z'.repeat(KEY_ID_LENGTH), 'x'.repeat(SECRET_LENGTH));
    const start: Start = async (bundle, throttled) => {
      const args = [runner, bundle === 'ours' ? ours : sdk, key, store.url, throttled];
      const text = await node([...LAMBDA_FLAGS, ...args, quota?.procsFile ?? ''], {
        NODE_EXTRA_CA_CERTS: store.authority,
      });
      return JSON.parse(text) as ColdStart;
    };
    try {
      return await measure(start, quota !== undefined);
    } finally {
      store.close();
    }
  } finally {
    quota?.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

async function measure(start: Start, hasQuota: boolean): Promise<BenchResult[]> {
  if (!hasQuota) {
    console.error(
      'No control group can be made here (that takes Linux and root): the edge is measured with a ' +
        'whole processor alone, and a cold decision at the edge takes several times as long.',
    );
  }
  const kinds: Throttled[] = hasQuota ? ['never', 'after', 'before'] : ['never'];
  const starts: { throttled: Throttled; ours: ColdStart; sdk: ColdStart }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (const throttled of kinds) {
      const [ours, sdk] = [await start('ours', throttled), await start('sdk', throttled)];
      starts.push({ throttled, ours, sdk });
    }
  }
  const result = (name: string, throttled: Throttled, pick: (start: ColdStart) => number) => {
    const those = starts.filter((start) => start.throttled === throttled);
    return compare({
      name: `edge cold: ${name}, median of ${ROUNDS} processes`,
      ours: median(those.map(({ ours }) => pick(ours))),
      peer: median(those.map(({ sdk }) => pick(sdk))),
      peerName: SDK_PEER,
      unit: 'ms',
      better: 'lower',
    });
  };
  const share = `${PROCESSORS.toFixed(3)} of a processor`;
  const decision = ({ decisionMs }: ColdStart) => decisionMs;
  const both = ({ loadMs, decisionMs }: ColdStart) => loadMs + decisionMs;
  return [
    result('load', 'never', ({ loadMs }) => loadMs),
    result('first decision', 'never', decision),
    ...(hasQuota
      ? [
          result(`first decision, ${share} once loaded`, 'after', decision),
          result(`load and first decision, ${share} for both`, 'before', both),
        ]
      : []),
  ];
}

/** A keys table that holds nothing, behind a certificate for DynamoDB's name. */
async function startStore(folder: string) {
  const { authority, key, cert } = certificates(folder);
  const server = createServer(
    { key: await readFile(key), cert: await readFile(cert) },
    (request, response) => {
      request.resume().on('end', () => {
        response.setHeader('content-type', 'application/x-amz-json-1.0');
        response.end('{}');
      });
    },
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}`,
    /** File of the authority that signed the certificate. */
    authority,
    close: () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

/** An authority and a certificate of its, 2,048 bits of RSA each, made by the `openssl` command. */
function certificates(folder: string) {
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: 'ignore' });
  const [authority, key, cert] = [file('ca.pem'), file('key.pem'), file('cert.pem')] as const;
  const fresh = ['-newkey', 'rsa:2048', '-nodes', '-x509', '-days', '2'];
  openssl('req', ...fresh, '-subj', '/CN=bench', '-keyout', file('ca.key'), '-out', authority);
  const names = `subjectAltName=DNS:dynamodb.eu-central-1.amazonaws.com,DNS:localhost`;
  openssl(
    ...['req', ...fresh, '-subj', '/CN=store', '-keyout', key, '-out', cert],
    ...['-CA', authority, '-CAkey', file('ca.key'), '-addext', names],
  );
  return { authority, key, cert };
}
