// `--watch`: builds a changed service and replaces the tasks by it, one by one; what fails changes nothing.
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';
import type { Deploy } from './fargate/deployments';
import type { TaskFleet } from './fargate/fleet';
import type { SafetyCheck } from './fargate/safety';
import type { Ground } from './ground';
import type { Built, LocalStack } from './program';
import { watchFiles } from './watch-files';

export interface ReloadOptions {
  /** What runs now. */
  built: Built;
  /** Builds what is in the folder now. Rejects with what is wrong with it. */
  build: () => Promise<Built>;
  fleet: Pick<TaskFleet, 'tasks'>;
  /** Gives the fleet another revision, as the stack deploys. Rejects with what was wrong with it. */
  deploy: Deploy;
  check: SafetyCheck;
  say: (message: string) => void;
}

/** Changes that are read at the start alone: what they declare is already made. */
const DECLARATION = /(^|\/)(workload\.ts|[^/]+\.ya?ml)$/;

/** Watches until the platform ends. */
export function start(
  options: Omit<ReloadOptions, 'say'> & Pick<LocalStack, 'folders'>,
  { say, onClose }: Pick<Ground, 'say' | 'onClose'>,
): void {
  const reload = new Reload({ ...options, say });
  const unwatch = watchFiles(PROJECT_DIRECTORY, options.folders, (paths) => reload.changed(paths));
  onClose(() => {
    unwatch();
    reload.close();
  });
}

/** One change at a time; what changes meanwhile is looked at after it. */
export class Reload {
  private running: Promise<void> | undefined;
  private next: readonly string[] = [];
  private isClosed = false;

  constructor(private readonly options: ReloadOptions) {}

  /** Told of changed files. */
  changed(paths: readonly string[]): void {
    this.next = [...new Set([...this.next, ...paths])];
    this.running ??= this.run().finally(() => (this.running = undefined));
  }

  /** Nothing is replaced or told from now on. */
  close(): void {
    this.isClosed = true;
  }

  private async run(): Promise<void> {
    while (this.next.length > 0 && !this.isClosed) {
      const paths = this.next;
      this.next = [];
      await this.replace(paths);
    }
  }

  private async replace(paths: readonly string[]): Promise<void> {
    const { options } = this;
    const { fleet } = options;
    const say = (message: string) => {
      if (!this.isClosed) options.say(message);
    };
    const [first = '', ...others] = paths;
    const what = others.length === 0 ? first : `${first} and ${others.length} more`;
    if (paths.some((path) => DECLARATION.test(path))) {
      say(
        `${what}: rules, scopes, tables and rights are read at the start; end the platform and ` +
          'start it again to have what changed in them.',
      );
    }
    const started = performance.now();
    let built: Built;
    try {
      built = await options.build();
    } catch (error) {
      say(`${what}: it does not build, and the old tasks stay.\n${(error as Error).message}`);
      return;
    }
    if (built.digest !== undefined && built.digest === options.built.digest) {
      built.discard();
      say(`${what}: what the tasks run is the same as before; they stay.`);
      return;
    }
    const count = fleet.tasks().length;
    try {
      await options.deploy(built.command);
    } catch (error) {
      built.discard();
      say(`${what}: it does not take over, and the old tasks stay.\n${(error as Error).message}`);
      return;
    }
    options.built.discard();
    options.built = built;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    say(`${what}: ${count} ${count === 1 ? 'task' : 'tasks'} replaced in ${seconds} s.`);
    (await options.check(built.command)).forEach(say);
  }
}
