// `npm run local` as tests start it: a process of its own, whose line of JSON and end are awaited.
import { spawn, type ChildProcess } from 'node:child_process';
import { resolve } from 'node:path';

export const ROOT = resolve(__dirname, '../../..');

/** What `--json` prints. */
export interface Ready {
  edge: string;
  console: string;
  aws: string;
  key: string;
  stack: string;
}

export interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

export interface LocalCommand {
  readonly child: ChildProcess;
  /** The line of JSON. Rejects with what it said when it ends before. */
  ready(): Promise<Ready>;
  readonly ended: Promise<Ended>;
}

/** Starts the command on any free ports; a slow machine may take its time to end it. */
export function startLocal(
  args: readonly string[],
  nodeArgs: readonly string[] = [],
): LocalCommand {
  const command = ['-r', './tools/tsx.cjs', 'tools/local/main.ts', '--end-within', '600'];
  const anyPort = ['--port', '0', '--console-port', '0'];
  const child = spawn(process.execPath, [...nodeArgs, ...command, ...anyPort, ...args], {
    cwd: ROOT,
  });
  let [stdout, stderr] = ['', ''];
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const line = new Promise<string>((found) => {
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
      if (stdout.includes('\n')) found(stdout);
    });
  });
  const ended = new Promise<Ended>((end) => {
    child.on('close', (code) => end({ code, stdout, stderr }));
  });
  const early = () =>
    ended.then(() => Promise.reject(new Error(`It ended before it was ready: ${stderr}`)));
  return {
    child,
    ended,
    ready: async () => JSON.parse(await Promise.race([line, early()])) as Ready,
  };
}
