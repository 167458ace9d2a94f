// What the edge benchmark runs in processes of their own: decisions and JWT verification.
import { generateKeyPairSync, sign } from 'node:crypto';
import { JwtVerifier } from 'aws-jwt-verify';
import { CHECKSUM_LENGTH } from '../../contracts/api-key';
import { eventWith, makeKey } from './edge-keys.server';
import { takeLookupsTo } from './edge-network.server';

type Handler = (event: unknown) => Promise<unknown>;

const WARM_UP = 20_000;
const MEASURED = 50_000;

const [mode, bundle, store = ''] = process.argv.slice(2);
let lookups = 0;

function loadHandler(path: string): Handler {
  takeLookupsTo(store, () => (lookups += 1));
  // The line is made, and goes nowhere: a pipe's speed is not what is compared.
  console.log = () => {};
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle to be measured
  return (require(path) as { handler: Handler }).handler;
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
  const event = eventWith(makeKey(1));
  const first = (await handler(event)) as { status?: string };
  if (first.status !== undefined) {
    throw new Error(`The key was refused with ${first.status}; there is nothing to measure.`);
  }
  await measure(() => handler(event));
}

/** Made-up keys, each another one, of the right form and with a wrong checksum. */
async function measureRefusals(path: string): Promise<void> {
  const handler = loadHandler(path);
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
    exp: Math.floor(Date.now() / 1000) + 3600,
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

async function main(): Promise<void> {
  if (mode === 'decide' && bundle !== undefined) {
    await measureDecisions(bundle);
  } else if (mode === 'refuse' && bundle !== undefined) {
    await measureRefusals(bundle);
  } else {
    await measureJwt(mode === 'forged-jwt');
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
