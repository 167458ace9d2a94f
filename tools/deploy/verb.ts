// What one command of the life of a stack is.
import type { Command } from 'commander';
import type { Context, DeployIo } from './io';

/** Flags that commands take; each declares its own. */
export interface Flags {
  readonly yes?: boolean;
  readonly json?: boolean;
  readonly data?: boolean;
  readonly once?: boolean;
  readonly later?: boolean;
  /** Milliseconds. */
  readonly since?: number;
  readonly request?: string;
  readonly follow?: boolean;
  readonly local?: boolean;
  readonly port?: number;
  readonly unprotect?: boolean;
  readonly empty?: boolean;
}

export interface Verb {
  /** One sentence. */
  readonly summary: string;
  /** What else to know, for --help. */
  readonly help: string;
  readonly options?: (command: Command) => Command;
  /** @returns the exit code. @throws DeployError or EngineError, whose message is all there is to say. */
  readonly run: (context: Context, flags: Flags) => Promise<number>;
  /** The same with --local, on the platform of this machine; a verb without it knows stacks alone. */
  readonly runLocal?: (io: DeployIo, flags: Flags) => Promise<number>;
}
