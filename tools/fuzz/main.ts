// `npm run fuzz`: feeds everything that reads what others write with inputs that nobody thought of.
import cliProgress from 'cli-progress';
import { Command, InvalidArgumentError, Option } from 'commander';
import { fuzz, type Finding } from './fuzz';
import { TARGETS } from './targets';

interface Flags {
  readonly seconds: number;
  readonly only?: string;
  readonly seed: number;
}

function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^-?\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${low} to ${high}.`);
  };
}

const SEED_LIMIT = 0x7fffffff;

const program = new Command('npm run fuzz --')
  .description(
    'Fuzzes the edge function, the users API and every reader of files: first the inputs that once ' +
      'failed (tools/fuzz/corpus.json), then new ones until the time is over. Ends with 1 and the ' +
      'shrunk input at the first finding.',
  )
  .addOption(
    new Option('--seconds <n>', 'how long, in all').default(60).argParser(integer(1, 86_400)),
  )
  .addOption(
    new Option('--only <name>', 'fuzz one of them').choices(TARGETS.map(({ name }) => name)),
  )
  .addOption(
    new Option('--seed <n>', 'start here: the seed of a finding makes it again')
      .default(undefined, 'the time')
      .argParser(integer(-SEED_LIMIT - 1, SEED_LIMIT)),
  )
  .showHelpAfterError('(--help shows the usage)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

// What YAML warns of, an unknown tag for instance, is for somebody who has written the file.
process.removeAllListeners('warning');

async function main({ seconds, only, seed = Date.now() % SEED_LIMIT }: Flags): Promise<void> {
  const bar = new cliProgress.SingleBar({
    format: '{bar} {value}/{total} s  {runs} inputs  {name}',
    clearOnComplete: true,
  });
  bar.start(seconds, 0, { runs: 0, name: '' });
  const chosen = TARGETS.filter(({ name }) => only === undefined || name === only);
  const startedMs = performance.now();
  const { finding, runs } = await fuzz(chosen, {
    seed,
    milliseconds: seconds * 1000,
    onProgress: (name, count) => {
      const passed = Math.floor((performance.now() - startedMs) / 1000);
      bar.update(Math.min(seconds, passed), { runs: count.toLocaleString('en'), name });
    },
  }).finally(() => bar.stop());
  if (finding !== undefined) {
    process.stderr.write(described(finding));
    process.exit(1);
  }
  for (const { name, about } of chosen) {
    console.log(`${name}: ${(runs.get(name) ?? 0).toLocaleString('en')} inputs (${about})`);
  }
  console.log('Nothing found.');
}

function described({ target, seed, input, message }: Finding): string {
  const again =
    seed === undefined
      ? `It is one of tools/fuzz/corpus.json: npm run fuzz -- --only ${target}\n`
      : `Again: npm run fuzz -- --only ${target} --seed ${seed}\n` +
        `Once mended, keep it in tools/fuzz/corpus.json:\n`;
  const kept = JSON.stringify({ target, input });
  return `${target}: ${message}\nInput: ${JSON.stringify(input)}\n${again}${seed === undefined ? '' : `${kept}\n`}`;
}

main(program.opts<Flags>()).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
    process.exit(1);
  },
);
