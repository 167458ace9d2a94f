// What the edge benchmark runs in processes of their own: decisions, JWT verification, memory.
import { generateKeyPairSync, sign } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import {
  BASE62,
  CHECKSUM_LENGTH,
  formatKey,
  hashKey,
  KEY_ID_LENGTH,
  SECRET_LENGTH,
  type DecisiveRecord,
} from '../../contracts/api-key';

type Handler = (event: unknown) => Promise<unknown>;

const WARM_UP = 20_000;
const MEASURED = 50_000;
const DISTINCT_KEYS = 100_000;
const EXPIRES_AT = Math.floor(Date.now() / 1000) + 3600;

const [mode, bundle] = process.argv.slice(2);

/** A different key for every number; the secret need not be random here. */
function makeKey(n: number): string {
  let id = '';
  for (let rest = n; id.length < KEY_ID_LENGTH; rest = Math.floor(rest / 62)) {
    id += BASE62.charAt(rest % 62);
  }
  return formatKey('bench', id, id.padEnd(SECRET_LENGTH, 'x'));
}

function recordOf(key: string): DecisiveRecord {
  return {
    keyId: key.split('_')[2] ?? '',
    hash: hashKey(key),
    owner: 'team@example.com',
    scopes: ['users:read', 'users:write'],
    status: 'active',
    expiresAt: EXPIRES_AT,
  };
}

/** DynamoDB's answer for any key: its record, as though all of them had been issued. */
const answers = new Map<string, string>();
function loadHandler(path: string): Handler {
  process.env.AWS_ACCESS_KEY_ID = 'bench';
  process.env.AWS_SECRET_ACCESS_KEY = 'bench';
  // The line is made, and goes nowhere: a pipe's speed is not what is compared.
  console.log = () => {};
  globalThis.fetch = ((_: string, init: RequestInit) => {
    const { Key } = JSON.parse(init.body as string) as { Key: { keyId: { S: string } } };
    const body = answers.get(Key.keyId.S) ?? '{}';
    return Promise.resolve({ status: 200, text: () => Promise.resolve(body) });
  }) as unknown as typeof fetch;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle to be measured
  return (require(path) as { handler: Handler }).handler;
}

function item({ keyId, hash, owner, scopes, status, expiresAt }: DecisiveRecord): string {
  return JSON.stringify({
    Item: {
      keyId: { S: keyId },
      hash: { S: hash },
      owner: { S: owner },
      scopes: { L: scopes.map((scope) => ({ S: scope })) },
      status: { S: status },
      expiresAt: { N: String(expiresAt) },
    },
  });
}

/** A viewer request as a browser's: fourteen headers. */
function eventWith(key: string): unknown {
  const header = (name: string, value: string) => ({ [name]: [{ key: name, value }] });
  return {
    Records: [
      {
        cf: {
          config: { eventType: 'viewer-request', requestId: 'bench' },
          request: {
            clientIp: '203.0.113.178',
            method: 'GET',
            uri: '/users',
            querystring: 'page%5Bsize%5D=10',
            headers: {
              ...header('host', 'd111111abcdef8.cloudfront.net'),
              ...header('x-api-key', key),
              ...header('accept', 'application/vnd.api+json'),
              ...header('user-agent', 'bench/1.0'),
              ...Object.fromEntries(
                Array.from({ length: 10 }, (_, i) => [
                  `x-other-${i}`,
                  [{ key: `X-Other-${i}`, value: 'value' }],
                ]),
              ),
            },
          },
        },
      },
    ],
  };
}

async function measure(work: () => unknown): Promise<void> {
  for (let i = 0; i < WARM_UP; i++) {
    await work();
  }
  const times = new Float64Array(MEASURED);
  for (let i = 0; i < MEASURED; i++) {
    const start = process.hrtime.bigint();
    await work();
    times[i] = Number(process.hrtime.bigint() - start) / 1000;
  }
  times.sort();
  const at = (share: number) => times[Math.floor(MEASURED * share)];
  process.stdout.write(JSON.stringify({ medianUs: at(0.5), p99Us: at(0.99) }));
}

async function measureDecisions(path: string): Promise<void> {
  const handler = loadHandler(path);
  const key = makeKey(1);
  const record = recordOf(key);
  answers.set(record.keyId, item(record));
  const event = eventWith(key);
  const first = (await handler(event)) as { status?: string };
  if (first.status !== undefined) {
    throw new Error(`The key was refused with ${first.status}; there is nothing to measure.`);
  }
  await measure(() => handler(event));
}

/** Made-up keys, each another one, of the right form and with a wrong checksum. */
async function measureRefusals(path: string): Promise<void> {
  const handler = loadHandler(path);
  let lookups = 0;
  globalThis.fetch = () => {
    lookups += 1;
    return Promise.reject(new Error('a made-up key must not be looked up'));
  };
  const events = Array.from({ length: 10_000 }, (_, n) =>
    eventWith(`${makeKey(n).slice(0, -CHECKSUM_LENGTH)}000000`),
  );
  let next = 0;
  await measure(() => handler(events[next++ % events.length]));
  if (lookups > 0) {
    throw new Error(`${lookups} look-ups were made for keys that are none.`);
  }
}

/** @param forged measures the refusal of a token whose signature is of another one. */
async function measureJwt(forged: boolean): Promise<void> {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const issuer = 'https://issuer.example.com';
  const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const header = encode({ alg: 'RS256', typ: 'JWT', kid: 'bench' });
  const payload = encode({
    iss: issuer,
    aud: 'gatehouse',
    sub: 'team@example.com',
    scope: 'users:read users:write',
    exp: EXPIRES_AT,
  });
  const signed = forged ? `${header}.${encode({})}` : `${header}.${payload}`;
  const signature = sign('RSA-SHA256', Buffer.from(signed), privateKey);
  const token = `${header}.${payload}.${signature.toString('base64url')}`;
  const verifier = JwtVerifier.create({ issuer, audience: 'gatehouse', scope: 'users:read' });
  const { n, e } = publicKey.export({ format: 'jwk' });
  verifier.cacheJwks({
    keys: [{ kty: 'RSA', use: 'sig', alg: 'RS256', kid: 'bench', n: n ?? '', e: e ?? '' }],
  });
  await measure(() => {
    try {
      verifier.verifySync(token);
    } catch (error) {
      if (!forged) {
        throw error;
      }
    }
  });
}

/** MB of heap in use over idle, garbage collected, after 100,000 distinct keys. */
async function measureMemory(path: string | undefined): Promise<void> {
  const seen = new Map<string, DecisiveRecord>();
  const handler = path === undefined ? undefined : loadHandler(path);
  const use = async (n: number) => {
    const key = makeKey(n);
    const record = recordOf(key);
    if (handler === undefined) {
      seen.set(record.keyId, record);
    } else {
      answers.set(record.keyId, item(record));
      await handler(eventWith(key));
      answers.clear();
    }
  };
  // The first hundred compile and load what every process needs.
  for (let n = 0; n < 100; n++) {
    await use(n);
  }
  const idle = used();
  for (let n = 100; n < DISTINCT_KEYS + 100; n++) {
    await use(n);
  }
  process.stdout.write(String((used() - idle) / 1e6));
  // Still reachable here, or it would not be in the figure.
  if (seen.size > 0 && handler !== undefined) {
    throw new Error('unreachable');
  }
}

function used(): number {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
  }
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

async function main(): Promise<void> {
  if (mode === 'decide' && bundle !== undefined) {
    await measureDecisions(bundle);
  } else if (mode === 'refuse' && bundle !== undefined) {
    await measureRefusals(bundle);
  } else if (mode === 'jwt' || mode === 'forged-jwt') {
    await measureJwt(mode === 'forged-jwt');
  } else {
    await measureMemory(bundle);
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
