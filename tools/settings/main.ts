// npm run settings: writes the settings' table into README.md and their schema into Pulumi.yaml.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { settingsSchema, settingsTable } from '../../infra/settings-docs';
import { PROJECT_DIRECTORY } from '../../infra/stack-file';

/** A file and the part of it that is generated. */
export interface Generated {
  readonly path: string;
  /** The whole file as it ought to be. */
  readonly wanted: string;
  /** The whole file as it is. */
  readonly found: string;
}

/** Both files as they are and as they ought to be. */
export function generated(directory: string = PROJECT_DIRECTORY): Promise<Generated[]> {
  return Promise.all([
    between(
      join(directory, 'README.md'),
      '<!-- config:start -->',
      '<!-- config:end -->',
      `\n${settingsTable()}\n`,
    ),
    between(join(directory, 'Pulumi.yaml'), '# settings:start', '# settings:end', settingsSchema()),
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
  const wanted = await format(joined, { ...(await resolveConfig(path)), filepath: path });
  return { path, found, wanted };
}

async function main(argv: readonly string[]): Promise<number> {
  if (argv.length > 0) {
    process.stderr.write(
      'npm run settings takes no arguments: it writes the table of README.md and the schema of Pulumi.yaml.\n',
    );
    return argv[0] === '--help' ? 0 : 2;
  }
  for (const { path, wanted } of await generated()) writeFileSync(path, wanted);
  return 0;
}

if (require.main === module) {
  void main(process.argv.slice(2)).then((code) => {
    process.exitCode = code;
  });
}
