// npm run docs:scaling: writes the tables and charts of docs/scaling.md from a simulation.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command } from 'commander';
import { chart } from './chart';
import { builtIns, calibrate, compare, totals } from './comparison';
import type { Compared } from './comparison';
import { REQUEST_LIMITS } from './limits';
import type { Setting } from './setting';
import { sizesTable } from './sizes';
import { readScaledStack } from './stack';
import type { ScaledStack } from './stack';

const DOCS = join(__dirname, '..', '..', 'docs');
/** CPU a request of the services that the table shows, milliseconds. */
const SERVICES = [4, 8];
const DEPENDENCY_MS = 4;
const DRAWN = {
  gatehouse: '#0072b2',
  'average-response-time': '#cc79a7',
  cpu: '#009e73',
  'shipped-before': '#d55e00',
};

async function main(): Promise<void> {
  const compared = new Map<string, Compared[]>();
  for (const serviceMs of SERVICES) {
    for (const wrongBy of [1, 2]) {
      const title = `S = ${serviceMs} ms${wrongBy === 1 ? '' : ', capacity believed twice as high'}`;
      compared.set(title, await comparison(serviceMs, wrongBy));
    }
  }
  const stack = await readScaledStack('prod');
  const page = join(DOCS, 'scaling.md');
  const text = readFileSync(page, 'utf8');
  writeFileSync(
    page,
    replaced(replaced(text, 'policies', policiesTable(compared)), 'sizes', sizesTable(stack)),
  );
  const flash = compared.get('S = 8 ms')?.find(({ trace }) => trace.name === 'flash-crowd');
  if (flash !== undefined) drawCharts(flash);
}

async function comparison(serviceMs: number, wrongBy: number): Promise<Compared[]> {
  const before = await readScaledStack('prod');
  const calibration = calibrate({ serviceMs, dependencyMs: DEPENDENCY_MS }, before);
  const stack = await readScaledStack('prod', Math.round((calibration.believed ?? 0) * wrongBy));
  const setting = settingOf(stack, serviceMs);
  return compare(stack, builtIns(calibration, setting), setting);
}

function settingOf(stack: ScaledStack, serviceMs: number): Setting {
  const { targetMs, vcpus, taskHourDollars, names, healthSeconds, drainSeconds } = stack;
  return {
    ...{ targetMs, vcpus, taskHourDollars, names, serviceMs, dependencyMs: DEPENDENCY_MS },
    ...{ serviceCv: 1, minimum: 2, maximum: 30, seed: 1, engine: 'flow' },
    fleet: { startSeconds: [30, 90], healthSeconds, drainSeconds },
    ...{ discipline: { kind: 'sharing' }, balancing: 'least-outstanding' },
    ...REQUEST_LIMITS,
  };
}

function policiesTable(compared: ReadonlyMap<string, Compared[]>): string {
  const names = totals([...compared.values()][0] ?? []).map(({ name }) => name);
  const rows = names.map((name) => {
    const cells = [...compared.values()].map((one) => {
      const sum = totals(one).find((total) => total.name === name);
      return `${sum?.minutesOverTarget} / ${sum?.taskHours.toFixed(0)}`;
    });
    return `| ${name === 'gatehouse' ? '**gatehouse**' : name} | ${cells.join(' | ')} |`;
  });
  return [
    `| policy | ${[...compared.keys()].join(' | ')} |`,
    `| --- |${' ---: |'.repeat(compared.size)}`,
    ...rows,
  ].join('\n');
}

function drawCharts({ results, trace }: Compared): void {
  const lines = Object.entries(DRAWN).flatMap(([name, color]) => {
    const found = results.find((result) => result.name === name);
    return found === undefined ? [] : [{ name, color, minutes: found.minutes }];
  });
  const draw = (
    file: string,
    title: string,
    what: 'averageMs' | 'tasks',
    most: number,
    rule?: { value: number; label: string },
  ) =>
    writeFileSync(
      join(DOCS, 'pictures', file),
      chart(
        title,
        lines.map(({ name, color, minutes }) => ({ name, color, values: minutes[what] })),
        most,
        rule,
      ),
    );
  const target = { value: 20, label: 'target' };
  draw('scaling-response.svg', `${trace.name}: average response time, ms`, 'averageMs', 80, target);
  draw('scaling-tasks.svg', `${trace.name}: healthy tasks`, 'tasks', 32);
}

function replaced(text: string, name: string, content: string): string {
  const [start, end] = [`<!-- ${name}:start -->`, `<!-- ${name}:end -->`];
  const [from, to] = [text.indexOf(start), text.indexOf(end)];
  if (from === -1 || to < from) {
    throw new Error(`docs/scaling.md has no ${start} … ${end}: put both back.`);
  }
  return `${text.slice(0, from + start.length)}\n\n${content}\n\n${text.slice(to)}`;
}

if (require.main === module) {
  new Command('npm run docs:scaling')
    .description('Simulates for some minutes, and writes tables and charts of docs/scaling.md.')
    .allowExcessArguments(false)
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : 2))
    .parse();
  void main().catch((error: Error) => {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  });
}
