// `npm run test:faults`: breaks the local platform under load; what failed, and how long recovery took.
import { Command, InvalidArgumentError, Option } from 'commander';
import { startPlatform } from '../local/platform';
import { FAULT_IDS, runScenario, type Outcome } from './scenario';
import { scenariosOn } from './scenarios';

interface Flags {
  readonly rate: number;
  readonly short: boolean;
  readonly json: boolean;
  readonly only?: string;
}

function integer(low: number, high: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= low && value <= high) return value;
    throw new InvalidArgumentError(`Expected a whole number from ${low} to ${high}.`);
  };
}

const program = new Command('npm run test:faults --')
  .description(
    'Starts the local platform with two tasks and breaks a part of it after the other while ' +
      'requests come at a constant rate. Ends with 1 when more is lost than may be.',
  )
  .addOption(new Option('--rate <n>', 'requests a second').default(20).argParser(integer(1, 200)))
  .option(
    '--short',
    'faults of 3 s in place of 15 s, the keys table down for 35 s in place of 90 s',
    false,
  )
  .addOption(new Option('--only <name>', 'cause one of them').choices(FAULT_IDS))
  .option('--json', 'print one JSON array and nothing else', false)
  .showHelpAfterError('(--help shows the usage)')
  .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
  .parse();

async function main({ rate, short, json, only }: Flags): Promise<boolean> {
  const say = (text: string) => {
    if (!json) process.stderr.write(`${text}\n`);
  };
  const platform = await startPlatform({
    ...{ stack: 'dev', port: 0, consolePort: 0, tasks: 2, endWithinMs: 30_000 },
    onEvent: () => undefined,
  });
  const outcomes: Outcome[] = [];
  try {
    const load = { url: `${platform.edge}/users`, headers: { 'x-api-key': platform.key }, rate };
    const lengths = short ? { fault: 3, keysDown: 35 } : { fault: 15, keysDown: 90 };
    const scenarios = scenariosOn(platform, lengths);
    for (const scenario of scenarios.filter(({ id }) => only === undefined || id === only)) {
      say(`${scenario.name}: ${scenario.about} Expected: ${scenario.expected}.`);
      outcomes.push(await runScenario(scenario, load));
    }
  } finally {
    await platform.close();
  }
  console.log(json ? JSON.stringify(outcomes) : table(outcomes));
  return outcomes.every(({ holds }) => holds);
}

/** A Markdown table: docs/reliability.md holds one. */
function table(outcomes: readonly Outcome[]): string {
  const rows = outcomes.map(
    ({ name, sent, failed, failures, slowestMs, recoverySeconds, holds }) => {
      const how = Object.entries(failures).map(([status, count]) => `${count} × ${status}`);
      const lost = failed === 0 ? '0' : `${failed} (${how.join(', ')})`;
      return `| ${name} | ${sent} | ${lost} | ${slowestMs} ms | ${recoverySeconds} s | ${holds ? 'yes' : 'NO'} |`;
    },
  );
  return [
    '| fault | requests | failed | slowest answer | recovery | as expected |',
    '| --- | --- | --- | --- | --- | --- |',
    ...rows,
  ].join('\n');
}

main(program.opts<Flags>()).then(
  (asExpected) => process.exit(asExpected ? 0 : 1),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  },
);
