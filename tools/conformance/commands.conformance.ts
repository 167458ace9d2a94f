// Commands that documents name: scripts, verbs, options and files exist, and the README's blocks run as written.
import { execFile, execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import { commandsOf, interrupt, npmRuns, runBlock, shellBlocks, type Shell } from './shell';

const DOCUMENTS = [
  ...['README.md', 'SECURITY.md'],
  ...readdirSync(join(PROJECT_DIRECTORY, 'docs'))
    .filter((file) => file.endsWith('.md'))
    .map((file) => `docs/${file}`),
];
const textOf = (document: string) => readFileSync(join(PROJECT_DIRECTORY, document), 'utf8');
const SCRIPTS = (JSON.parse(textOf('package.json')) as { scripts: Record<string, string> }).scripts;

/** Their options are jest's, eslint's and prettier's own. */
const FOREIGN = /jest\.js|^tsc|^eslint|^prettier/;
/** What a command may start with, besides npm; `cd` and `cp` are looked at below. */
const PROGRAMS = ['aws', 'bash', 'cd', 'cp', 'curl', 'echo', 'git', 'npm', 'npx'];

/** Some thirty processes are started, one after another. */
const SLOW_MS = 900_000;

const helps = new Map<string, Promise<string>>();
/** What a script says of itself, or of one of its verbs. */
function helpOf(script: string, verb?: string): Promise<string> {
  const key = `${script} ${verb ?? ''}`;
  const known = helps.get(key);
  if (known !== undefined) return known;
  const args = ['run', '-s', script, '--', ...(verb === undefined ? [] : [verb]), '--help'];
  const asked = promisify(execFile)('npm', args, { cwd: PROJECT_DIRECTORY }).then(
    ({ stdout }) => stdout,
  );
  helps.set(key, asked);
  return asked;
}

const OWN = Object.keys(SCRIPTS).filter((script) => !FOREIGN.test(SCRIPTS[script] ?? ''));

describe('npm scripts', () => {
  it.each(OWN)('%s says what it does when it is asked for help', async (script) => {
    expect(await helpOf(script)).toMatch(/\w+ \w+/);
  });
});

/** Scripts, verbs and options that commands name and that are not there. */
async function missingIn(text: string): Promise<string[]> {
  const missing: string[] = [];
  for (const { script, verb, options } of commandsOf(text).flatMap(npmRuns)) {
    const program = SCRIPTS[script];
    if (program === undefined) missing.push(`npm run ${script}`);
    if (program === undefined || FOREIGN.test(program)) continue;
    // Commands of several verbs list them; a stack's name is no verb.
    const own = await helpOf(script);
    const isVerb = verb !== undefined && new RegExp(`^ {2}${verb}\\b`, 'm').test(own);
    if (verb !== undefined && !isVerb && /^Commands:/m.test(own)) {
      missing.push(`npm run ${script} -- ${verb}`);
      continue;
    }
    const help = isVerb ? await helpOf(script, verb) : own;
    missing.push(
      ...options
        .filter((option) => !new RegExp(`${option}(?![\\w-])`).test(help))
        .map((option) => `npm run ${script} -- ${option}`),
    );
  }
  return missing;
}

describe('missingIn', () => {
  it(
    'would tell a script, a verb and an option that are not there',
    async () => {
      const text =
        '`npm run made-up -- dev`, `npm run keys -- list\\|make`\n\n' +
        '```sh\nnpm run plan -- --stack dev --loud # no more\nnpm ci && npm run local -- --port 1\n```\n';
      expect((await missingIn(text)).sort()).toEqual([
        'npm run keys -- make',
        'npm run made-up',
        'npm run plan -- --loud',
      ]);
    },
    SLOW_MS,
  );
});

describe.each(DOCUMENTS)('%s', (document) => {
  it(
    'names scripts, verbs and options that there are',
    async () => {
      expect(await missingIn(textOf(document))).toEqual([]);
    },
    SLOW_MS,
  );

  it('starts no program that nobody has, and copies and enters what is there', () => {
    const lines = shellBlocks(document, textOf(document)).flatMap(({ text }) =>
      commandsOf(`\`\`\`sh\n${text}\`\`\``),
    );
    const words = lines.map((line) => line.split(/\s+/));
    expect(
      words.map(([program]) => program).filter((name) => !PROGRAMS.includes(name ?? '')),
    ).toEqual([]);
    const paths = words.filter(([program]) => program === 'cd' || program === 'cp');
    expect(
      paths
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(PROJECT_DIRECTORY, path))),
    ).toEqual([]);
  });
});

const HERE = 'is run here';
/** The README's blocks by their first command, and where each is run or why it is not. */
const BLOCKS: Readonly<Record<string, string>> = {
  'npm ci && npm run local': HERE,
  'npm run keys -- issue --local --owner ada@example.com --scope users:read': HERE,
  'cp Pulumi.dev.yaml Pulumi.notes.yaml': HERE,
  'npm run plan -- --stack dev': HERE,
  'npx pulumi stack init dev': 'needs an AWS account and a backend',
  'npm run destroy -- dev': 'needs a deployed stack',
  'npm ci && npm test': 'is run by .ci/run, which reads it from the README',
};

describe('the shell blocks of the README', () => {
  const blocks = new Map(
    shellBlocks('README.md', textOf('README.md')).map(({ text }) => [
      (text.split('\n')[0] ?? '').replace(/\s+#.*$/, ''),
      text,
    ]),
  );
  const block = (first: string) => {
    const text = blocks.get(first);
    if (text === undefined) throw new Error(`The README has no block that begins with "${first}".`);
    return text;
  };
  let folder: string;
  const shells: Shell[] = [];

  // A checkout of its own: blocks write files, and read the repository's history.
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'gatehouse-readme-'));
    const git = (...args: string[]) => execFileSync('git', args, { cwd: folder, encoding: 'utf8' });
    const files = execFileSync(
      'git',
      ['ls-files', '-z', '--cached', '--others', '--exclude-standard'],
      {
        ...{ cwd: PROJECT_DIRECTORY, encoding: 'utf8' },
      },
    );
    for (const file of files
      .split('\0')
      .filter((name) => existsSync(join(PROJECT_DIRECTORY, name)) && name !== '')) {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      cpSync(join(PROJECT_DIRECTORY, file), join(folder, file));
    }
    git('init', '-q');
    git('add', '-A');
    git('-c', 'user.name=a', '-c', 'user.email=a@example.com', 'commit', '-qm', 'As it is');
    symlinkSync(join(PROJECT_DIRECTORY, 'node_modules'), join(folder, 'node_modules'));
  });

  afterAll(async () => {
    for (const shell of shells) {
      interrupt(shell);
      await shell.ended;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  const start = (text: string): Shell => {
    const shell = runBlock(text, folder);
    shells.push(shell);
    return shell;
  };
  /** Runs to its end, well. */
  const finish = async (text: string): Promise<string> => {
    const { code, output } = await start(text).ended;
    if (code !== 0) throw new Error(`It ended with ${code}:\n${output}`);
    return output;
  };
  const READY = /x-api-key: gatehouse_/;

  it('are each run here, or have a reason why not', () => {
    expect([...blocks.keys()].sort()).toEqual(Object.keys(BLOCKS).sort());
  });

  it(
    'start the platform, hand out a key, show it and take it back',
    async () => {
      const platform = start(block('npm ci && npm run local'));
      await platform.until(READY);
      const [issue = '', ...rest] = block(
        'npm run keys -- issue --local --owner ada@example.com --scope users:read',
      ).split('\n');
      const issued = await finish(issue);
      const id = /gatehouse_dev_([0-9A-Za-z]{12})_/.exec(issued)?.[1] ?? '';
      const listed = await finish(rest.join('\n').replace('<id>', id));
      expect(listed).toContain(id);
      expect(listed).toMatch(/revoked/i);
      interrupt(platform);
      await platform.ended;
    },
    SLOW_MS,
  );

  it(
    'put another API in the place of users',
    async () => {
      const platform = start(block('cp Pulumi.dev.yaml Pulumi.notes.yaml'));
      const output = await platform.until(READY);
      expect(output).toContain('/notes');
      interrupt(platform);
      await platform.ended;
    },
    SLOW_MS,
  );

  it(
    'plan both stacks, and one against what is committed',
    async () => {
      const output = await finish(block('npm run plan -- --stack dev'));
      expect(output).toMatch(/\d+ resources/);
    },
    SLOW_MS,
  );
});
