// Drives the `pulumi` command line for one stack: what is asked of it, and plain errors where it fails.
import { runCli, type CliPlace, type Ended, type RunOptions } from './cli-run';
import { errorOf, EngineError } from './engine-errors';
import type { Journal } from './engine-events';
import { PROJECT_DIRECTORY } from '../../recorder/stack-file';

/** A resource as the state knows it. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Physical id; components have none. */
  readonly id?: string;
  readonly custom?: boolean;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What the backend holds of a stack. */
export interface StackState {
  readonly resources: readonly StateResource[];
  /** URNs of what was under way when a run was cut off: their real state is not known. */
  readonly pending: readonly string[];
}

/** One entry of the history of a stack. */
export interface PastUpdate {
  readonly kind: string;
  readonly result: string;
  readonly startTime: string;
  readonly endTime?: string;
  readonly message: string;
  readonly environment: Readonly<Record<string, string>>;
}

/** A stack of the project, as the backend lists it. */
export interface ListedStack {
  /** As the CLI takes it: `dev`, or `organization/project/dev`. */
  readonly name: string;
  /** ISO 8601; absent before the first update. */
  readonly lastUpdate?: string;
  readonly updateInProgress?: boolean;
}

/** The engine, for one stack of this project. */
export class Engine {
  private readonly place: CliPlace;

  /**
   * @param stack Name as the CLI takes it.
   * @param env Environment of the CLI; `PULUMI` in it names an executable in place of the launcher
   * that `npm ci` brings.
   */
  constructor(
    readonly stack: string,
    env: NodeJS.ProcessEnv = process.env,
    folder = PROJECT_DIRECTORY,
  ) {
    this.place = { env, folder };
  }

  /** Outputs of the last update; secrets are masked. */
  async outputs(): Promise<Record<string, unknown>> {
    return this.document(['stack', 'output', '--json']);
  }

  /** Updates, the latest first. */
  async history(pageSize = 10): Promise<PastUpdate[]> {
    const args = ['stack', 'history', '--json', '--page-size', String(pageSize)];
    return this.document<PastUpdate[]>(args);
  }

  /** The state, with secrets as the backend keeps them: encrypted. */
  async state(): Promise<StackState> {
    const { deployment } = await this.document<{
      deployment?: {
        resources?: StateResource[];
        pending_operations?: { resource: { urn: string } }[];
      };
    }>(['stack', 'export']);
    return {
      resources: deployment?.resources ?? [],
      pending: (deployment?.pending_operations ?? []).map(({ resource }) => resource.urn),
    };
  }

  /**
   * What an update would do.
   * @param planFile File to save the engine's plan to.
   * @throws EngineError also when a mandatory policy is violated.
   */
  async preview(
    options: RunOptions & { planFile?: string; policyPack?: string } = {},
  ): Promise<Journal> {
    const { planFile, policyPack } = options;
    const args = ['preview', '--json'];
    if (planFile !== undefined) args.push('--save-plan', planFile);
    if (policyPack !== undefined) args.push('--policy-pack', policyPack);
    return this.judged(args, options);
  }

  /** What AWS has that the state does not know; changes nothing. */
  async drift(options: RunOptions = {}): Promise<Journal> {
    return this.judged(['refresh', '--preview-only', '--json'], options);
  }

  /**
   * Updates the stack. The preview was shown before, so none is repeated.
   * @param planFile Plan that the engine is held to.
   */
  async up(
    options: RunOptions & { planFile?: string; policyPack?: string } = {},
  ): Promise<Journal> {
    const { planFile, policyPack } = options;
    const args = ['up', '--json', '--yes', '--skip-preview'];
    if (planFile !== undefined) args.push('--plan', planFile);
    if (policyPack !== undefined) args.push('--policy-pack', policyPack);
    return this.judged(args, options);
  }

  /**
   * Deletes what the stack made. Never with --skip-preview: that goes past protected resources, and
   * deletes all the others before the first protected one stops it.
   */
  async destroy(options: RunOptions = {}): Promise<Journal> {
    return this.judged(['destroy', '--yes', '--json'], options);
  }

  /** Takes `protect` from every resource of the stack, in the state alone. */
  async unprotectAll(): Promise<void> {
    await this.succeed(['state', 'unprotect', '--all', '--yes']);
  }

  /** Version of the command line, and who is logged in where; of no stack in particular. */
  async account(): Promise<{ version: string; user: string }> {
    return { version: await this.say(['version']), user: await this.say(['whoami']) };
  }

  /** Every stack of the project; of no stack in particular. */
  async stacks(): Promise<ListedStack[]> {
    return JSON.parse(await this.say(['stack', 'ls', '--json'])) as ListedStack[];
  }

  private async say(args: readonly string[]): Promise<string> {
    const { code, stdout, stderr } = await runCli([...args, '--non-interactive'], this.place);
    if (code !== 0) throw errorOf({ stack: this.stack, code, text: stderr, violations: [] });
    return stdout.trim();
  }

  private async document<T = Record<string, unknown>>(args: readonly string[]): Promise<T> {
    const { stdout } = await this.succeed(args);
    try {
      return JSON.parse(stdout) as T;
    } catch {
      throw new EngineError(
        'failed',
        `"pulumi ${args.join(' ')}" printed what is not JSON: ${stdout.slice(0, 200)}`,
      );
    }
  }

  private async judged(args: readonly string[], options: RunOptions): Promise<Journal> {
    const { journal } = await this.succeed(args, options);
    return journal;
  }

  private async succeed(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
    const ended = await runCli([...args, '--non-interactive', '--stack', this.stack], {
      ...options,
      ...this.place,
    });
    const { code, stdout, stderr, journal } = ended;
    const violations = journal.violations;
    if (code === 0 && violations.length === 0) return ended;
    const diagnostics = journal.errors.join('');
    const text = [diagnostics, stderr].join('\n').trim() || stdout;
    const error = errorOf({ stack: this.stack, code, text, violations });
    // What was done before it failed is for the caller to tell.
    throw Object.assign(error, { journal });
  }
}

/** The steps of a run that failed, if the engine came that far. */
export function journalOf(error: unknown): Journal | undefined {
  return (error as { journal?: Journal }).journal;
}
