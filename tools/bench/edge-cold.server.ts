// One cold start of the edge function: loads it, and decides on one key; prints how long that took.
import { writeFileSync } from 'node:fs';
import { takeTlsTo } from './edge-network.server';

type Handler = (event: unknown) => Promise<{ status?: string }>;

/** When the process goes under the quota: `never`, `before` the function is loaded, or `after`. */
const [, , bundle = '', key = '', store = '', throttled = 'never', procsFile = ''] = process.argv;

takeTlsTo(store);

function throttleIf(when: string): void {
  if (throttled === when) {
    writeFileSync(procsFile, String(process.pid));
  }
}

async function main(): Promise<void> {
  throttleIf('before');
  const start = process.hrtime.bigint();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle to be measured
  const { handler } = require(bundle) as { handler: Handler };
  const loaded = process.hrtime.bigint();
  throttleIf('after');
  const { log } = console;
  console.log = () => {};
  const asked = process.hrtime.bigint();
  const { status } = await handler({
    Records: [
      {
        cf: {
          config: { eventType: 'viewer-request', requestId: 'bench' },
          request: {
            clientIp: '203.0.113.178',
            method: 'GET',
            uri: '/users',
            querystring: '',
            headers: { 'x-api-key': [{ key: 'x-api-key', value: key }] },
          },
        },
      },
    ],
  });
  const decided = process.hrtime.bigint();
  if (status !== '401') {
    throw new Error(`The first decision was ${status}, expected 401 for a key that is not stored.`);
  }
  const ms = (from: bigint, to: bigint) => Number(to - from) / 1e6;
  log(JSON.stringify({ loadMs: ms(start, loaded), decisionMs: ms(asked, decided) }));
  // The connection is kept; the process need not be.
  process.exit(0);
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
