// npm run settings: writes what is generated: the settings in docs/settings.md and Pulumi.yaml, the workload file's schema.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { workloadJsonSchema } from '../../contracts/workload-schema';
import { runbookPage } from '../../dashboards/runbook-page';
import { settingsSchema, settingsTable } from '../../infra/settings/docs';
import { rightsPage } from '../iam/roles';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';

/** A file and the part of it that is generated. */
interface Generated {
  readonly path: string;
  /** The whole file as it ought to be. */
  readonly wanted: string;
  /** The whole file as it is. */
  readonly found: string;
}

/** The files as they are and as they ought to be. */
function generated(directory: string = PROJECT_DIRECTORY): Promise<Generated[]> {
  return Promise.all([
    between(
      join(directory, 'docs/settings.md'),
      '<!-- config:start -->',
      '<!-- config:end -->',
      `\n${settingsTable()}\n`,
    ),
    between(join(directory, 'Pulumi.yaml'), '# settings:start', '# settings:end', settingsSchema()),
    whole(join(directory, 'docs/workload.schema.json'), JSON.stringify(workloadJsonSchema())),
    whole(join(directory, 'docs/runbook.md'), runbookPage()),
    whole(join(directory, 'docs/rights.md'), rightsPage()),
  ]);
}

async function between(path: string, start: string, end: string, text: string): Promise<Generated> {
  const found = readFileSync(path, 'utf8');
  const from = found.indexOf(start);
  const to = found.indexOf(end);
  if (from < 0 || to < from) {
    throw new Error(
      `${path} has lost its markers: it needs a line "${start}" and, below, "${end}".`,
    );
  }
  const joined = `${found.slice(0, from + start.length)}\n${text}${found.slice(to)}`;
  return { path, found, wanted: await formatted(path, joined) };
}

async function whole(path: string, text: string): Promise<Generated> {
  const found = existsSync(path) ? readFileSync(path, 'utf8') : '';
  return { path, found, wanted: await formatted(path, text) };
}

async function formatted(path: string, text: string): Promise<string> {
  return format(text, { ...(await resolveConfig(path)), filepath: path });
}

const USAGE = `npm run settings [-- --check]
Writes what is generated:
  docs/settings.md, Pulumi.yaml  the settings, from infra/settings/settings.ts
  docs/workload.schema.json  the form of a workload file, from contracts/workload-schema.ts
  docs/runbook.md            what to do for each alarm, from dashboards/
  docs/rights.md             what each role can do, from tools/iam/roles.ts
  --check  write nothing; exit 1 when something would change
`;

async function main(argv: readonly string[]): Promise<number> {
  const [flag, ...rest] = argv;
  if (flag === '--help' && rest.length === 0) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (rest.length > 0 || (flag !== undefined && flag !== '--check')) {
    process.stderr.write(`"${argv.join(' ')}" is not understood.\n${USAGE}`);
    return 2;
  }
  const stale = (await generated()).filter(({ found, wanted }) => found !== wanted);
  if (flag === undefined) {
    for (const { path, wanted } of stale) writeFileSync(path, wanted);
    return 0;
  }
  for (const { path } of stale) {
    process.stderr.write(`${path} is not what its source says: npm run settings\n`);
  }
  return stale.length === 0 ? 0 : 1;
}

if (require.main === module) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
