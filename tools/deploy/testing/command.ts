// Runs a command in this process against a fake engine and the account of a test, with a clock that sleeping moves.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runVerb } from '../program';
import type { Verb } from '../verb';
import { startAws, useAws, type AwsStandIn } from './aws';
import { fakePulumi, type FakePulumi, type Script } from './pulumi';

/** What a command printed and how it ended. */
export interface Run {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

export interface RunOptions {
  /** @default ['dev'] */
  readonly args?: readonly string[];
  /** What is answered to each question; nobody can be asked without it. */
  readonly answer?: string;
  /** Called before each wait. */
  readonly onSleep?: () => void;
}

/** Everything that a test of commands needs. */
export class Bench {
  pulumi: FakePulumi;
  private readonly restore: () => void;
  private readonly handlers = new Set<() => void>();

  private constructor(
    readonly aws: AwsStandIn,
    /** A git checkout with one commit. */
    readonly root: string,
  ) {
    this.restore = useAws(aws);
    this.pulumi = fakePulumi({});
  }

  static async start(): Promise<Bench> {
    const root = mkdtempSync(join(tmpdir(), 'gatehouse-deploy-'));
    writeFileSync(join(root, '.gitignore'), '.local/\n');
    const bench = new Bench(await startAws(), root);
    bench.git('init', '-q');
    bench.commit('first');
    return bench;
  }

  git(...args: string[]): string {
    const identity = ['-c', 'user.name=You', '-c', 'user.email=you@example.com'];
    return execFileSync('git', [...identity, ...args], { cwd: this.root, encoding: 'utf8' }).trim();
  }

  /** @returns the hash of a new commit. */
  commit(message: string): string {
    this.git('add', '-A');
    this.git('commit', '-q', '--allow-empty', '-m', message);
    return this.git('rev-parse', 'HEAD');
  }

  /** Replaces the replies of the engine. */
  script(script: Script): void {
    this.pulumi.end();
    this.pulumi = fakePulumi(script);
  }

  /** Ctrl-C. */
  interrupt(): void {
    for (const handler of [...this.handlers]) handler();
  }

  async run(name: string, verb: Verb, options: RunOptions = {}): Promise<Run> {
    let [out, err, now] = ['', '', Date.parse('2026-11-24T12:00:00Z')];
    const { handlers } = this;
    const code = await runVerb(
      name,
      verb,
      options.args ?? ['dev'],
      {
        stdout: (text) => (out += text),
        stderr: (text) => (err += text),
        ask: (question) => {
          err += question;
          return Promise.resolve(options.answer);
        },
        now: () => now,
        sleep: (ms) => {
          now += ms;
          options.onSleep?.();
          return Promise.resolve();
        },
        interrupts: (handler) => {
          handlers.add(handler);
          return () => handlers.delete(handler);
        },
      },
      { root: this.root, env: this.pulumi.env },
    );
    return { code, out, err };
  }

  async end(): Promise<void> {
    this.restore();
    this.pulumi.end();
    rmSync(this.root, { recursive: true });
    await this.aws.close();
  }
}
