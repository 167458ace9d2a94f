// One cold start of the edge function: loads it, and decides on one key; prints how long that took.
import { takeLookupsTo } from './edge-network.server';

type Handler = (event: unknown) => Promise<{ status?: string }>;

// A key that parses; the store says that it holds none, so that nothing here needs node:crypto, which
// would be loaded before the clock starts.
const [, , bundle = '', key = '', store = ''] = process.argv;

takeLookupsTo(store);

async function main(): Promise<void> {
  const start = process.hrtime.bigint();
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle to be measured
  const { handler } = require(bundle) as { handler: Handler };
  const loaded = process.hrtime.bigint();
  const { log } = console;
  console.log = () => {};
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
  const ms = (end: bigint) => Number(end - start) / 1e6;
  log(JSON.stringify({ loadMs: ms(loaded), firstDecisionMs: ms(decided) }));
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
