// Shell blocks and commands in documents: what they name, and the blocks of a page run as written.
import { spawn, type ChildProcess } from 'node:child_process';

/** A fenced block of shell, with what it stands in. */
export interface ShellBlock {
  readonly document: string;
  readonly text: string;
}

/** Every fenced shell block of a page. */
export function shellBlocks(document: string, text: string): ShellBlock[] {
  return [...text.matchAll(/^```(?:sh|bash|console)\n([^]*?)^```/gm)].map(([, block = '']) => ({
    document,
    text: block,
  }));
}

/** Commands that a text names: the lines of its shell blocks, and what stands in backticks. */
export function commandsOf(text: string): string[] {
  const lines = shellBlocks('', text).flatMap((block) =>
    block.text.replaceAll('\\\n', ' ').split('\n'),
  );
  const inline = [...text.replace(/^```[^]*?^```/gm, '').matchAll(/`(n[^`]+)`/g)].map(
    ([, code = '']) => code.replace(/\s+/g, ' '),
  );
  return [...lines, ...inline]
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.split(/&&|\$\(|;/))
    .map((command) => command.trim())
    .filter((command) => command !== '');
}

/** An npm script that a command runs, with the verb that it takes and its options. */
export interface NpmRun {
  readonly script: string;
  readonly verb?: string;
  readonly options: readonly string[];
}

/** `npm run a|b -- VERB|VERB --option …`, as a table may write it: one for each alternative. */
export function npmRuns(command: string): NpmRun[] {
  const words = command.replaceAll('\\|', '|').split(/[\s[\]]+/);
  if (words[0] !== 'npm' || words[1] !== 'run') return [];
  const [scripts = '', ...rest] = words.slice(2).filter((word) => word !== '-s');
  const given = rest.slice(rest.indexOf('--') + 1);
  const options = rest.includes('--')
    ? given.filter((word) => /^--[a-z]/.test(word)).map((word) => word.replace(/[=…)]+.*$/, ''))
    : [];
  const verbs = given[0]?.split('|').filter((verb) => /^[a-z]+$/.test(verb)) ?? [];
  return scripts
    .split('|')
    .flatMap((script) =>
      verbs.length === 0 ? [{ script, options }] : verbs.map((verb) => ({ script, verb, options })),
    );
}

/** A shell that runs a block: its output so far, and how it ended. */
export interface Shell {
  readonly child: ChildProcess;
  /** Waits until the output fits; rejects with the output when the shell ends before. */
  until(pattern: RegExp): Promise<string>;
  readonly ended: Promise<{ code: number | null; output: string }>;
}

/**
 * Runs a block as it is written but for what one machine needs: `npm ci` has been run, a platform
 * takes any free ports, and nobody is there to be asked.
 */
export function runBlock(text: string, folder: string): Shell {
  const npm = `npm() {
    case "$*" in
      ci) return 0 ;;
      "run local") command npm run local -- --port 0 --console-port 0 ;;
      "run local "*) command npm "$@" --port 0 --console-port 0 ;;
      *" revoke "*) command npm "$@" --yes ;;
      *) command npm "$@" ;;
    esac
  }`;
  const child = spawn('bash', ['-e', '-c', `${npm}\n${text}`], {
    ...{ cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  let output = '';
  const listeners = new Set<() => void>();
  const take = (chunk: Buffer) => {
    output += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout?.on('data', take);
  child.stderr?.on('data', take);
  const ended = new Promise<{ code: number | null; output: string }>((end) => {
    child.on('close', (code) => end({ code, output }));
  });
  const until = (pattern: RegExp) =>
    new Promise<string>((found, fail) => {
      const look = () => {
        if (pattern.test(output)) found(output);
      };
      listeners.add(look);
      look();
      void ended.then(() => fail(new Error(`It ended before ${String(pattern)}:\n${output}`)));
    });
  return { child, until, ended };
}

/** Ctrl-C for the shell and all that it runs. */
export function interrupt({ child }: Shell): void {
  const runs = child.exitCode === null && child.signalCode === null;
  if (runs && child.pid !== undefined) process.kill(-child.pid, 'SIGINT');
}
