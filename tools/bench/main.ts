// `npm run bench`: every benchmark as a ratio of two things measured side by side in one run.
import { Command } from 'commander';
import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';

/** One comparison. `ratio` is `ours / peer`. */
export interface BenchResult {
  readonly name: string;
  readonly ours: number;
  readonly peer: number;
  readonly peerName: string;
  readonly ratio: number;
  readonly unit: string;
  readonly better: 'higher' | 'lower';
}

/** What a file beside this one exports as `benchmarks`: by name, run alone with `--only`. */
export type Benchmarks = Readonly<Record<string, () => Promise<readonly BenchResult[]>>>;

/** Makes a result, its ratio included. */
export function compare(result: Omit<BenchResult, 'ratio'>): BenchResult {
  return { ...result, ratio: Math.round((result.ours / result.peer) * 1000) / 1000 };
}

/** Every `*.ts` here that exports `benchmarks`; servers and tests beside them do not. */
function load(): Map<string, Benchmarks[string]> {
  const found = new Map<string, Benchmarks[string]>();
  for (const file of readdirSync(__dirname).sort()) {
    const isCandidate = file.endsWith('.ts') && !/\.(test|server)\.ts$/.test(file);
    if (!isCandidate || file === basename(__filename)) continue;
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const module = require(join(__dirname, file)) as { benchmarks?: Benchmarks };
    for (const [name, run] of Object.entries(module.benchmarks ?? {})) found.set(name, run);
  }
  return found;
}

function print(result: BenchResult): void {
  const { name, ours, peer, peerName, ratio, unit, better } = result;
  const number = (value: number) => value.toLocaleString('en', { maximumFractionDigits: 1 });
  console.log(
    `${name}: ${number(ours)} ${unit} against ${number(peer)} (${peerName}), ratio ${ratio}; ${better} is better`,
  );
}

async function main(): Promise<void> {
  const all = load();
  const program = new Command('bench')
    .description('Runs benchmarks, each against a peer measured in the same run.')
    .option('--only <name>', `run one: ${[...all.keys()].join(', ')}`)
    .option('--json', 'print one JSON array and nothing else', false)
    .showHelpAfterError('(--help shows the usage)')
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse();
  const { only, json } = program.opts<{ only?: string; json: boolean }>();
  const chosen = only === undefined ? [...all] : [...all].filter(([name]) => name === only);
  if (chosen.length === 0) {
    console.error(
      `There is no benchmark "${only}". Give --only one of: ${[...all.keys()].join(', ')}.`,
    );
    process.exit(2);
  }
  const results: BenchResult[] = [];
  for (const [name, run] of chosen) {
    if (!json) console.log(`Running ${name} ...`);
    for (const result of await run()) {
      results.push(result);
      if (!json) print(result);
    }
  }
  if (json) console.log(JSON.stringify(results));
}

if (require.main === module) {
  main().catch((error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  });
}
