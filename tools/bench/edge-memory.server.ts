// Memory of the edge function over its idle self, after 100,000 look-ups; one process, one figure.
import { readRecord } from '../../edge/record';
import { answerFor, eventWith, makeKey } from './edge-keys.server';
import { takeLookupsTo } from './edge-network.server';

type Handler = (event: unknown) => Promise<{ status?: string }>;

const LOOKUPS = 100_000;
/** Decisions that compile and load what every process needs, a connection included. */
const FIRST = 100;

/** Bundle and store, or none for a Map; distinct keys among the look-ups. */
const [, , bundle, store = '', distinct = String(LOOKUPS)] = process.argv;

interface Memory {
  /** What JavaScript holds on to, in bytes. */
  readonly heap: number;
  /** What the process occupies, in bytes. */
  readonly rss: number;
}

function memory(): Memory {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { heap: heapUsed + external, rss };
}

async function main(): Promise<void> {
  const seen = new Map<string, unknown>();
  const decide = bundle === undefined ? undefined : loadHandler(bundle);
  const look = async (n: number) => {
    const key = makeKey(n % Number(distinct));
    if (decide !== undefined) {
      const { status } = await decide(eventWith(key));
      if (status !== undefined) {
        throw new Error(`The key was refused with ${status}; there is nothing to measure.`);
      }
    } else {
      const keyId = key.split('_')[2] ?? '';
      const { Item } = JSON.parse(answerFor(keyId)) as { Item: unknown };
      seen.set(keyId, readRecord(Item));
    }
  };
  for (let n = 0; n < FIRST; n++) {
    await look(n);
  }
  const idle = memory();
  for (let n = FIRST; n < LOOKUPS + FIRST; n++) {
    await look(n);
  }
  const after = memory();
  const mb = (what: keyof Memory) => (after[what] - idle[what]) / 1e6;
  process.stdout.write(JSON.stringify({ heapMb: mb('heap'), rssMb: mb('rss') }));
  // Still reachable here, or it would not be in the figure.
  if (seen.size > 0 && decide !== undefined) {
    throw new Error('unreachable');
  }
}

function loadHandler(path: string): Handler {
  takeLookupsTo(store);
  // The line is made, and goes nowhere.
  console.log = () => {};
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- the bundle to be measured
  return (require(path) as { handler: Handler }).handler;
}

main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
