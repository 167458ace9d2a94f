// The shape of what holds tasks to a share of the CPU.

/** Holds processes to a share of a CPU. */
export interface CpuShares {
  /** How, for a person to read. */
  readonly how: string;
  /** Holds a process that leads a group, and what it starts, from now on. */
  hold(pid: number): void;
  /** Lets it go, because it is to end or has ended. */
  release(pid: number): void;
  /** Leaves nothing behind. */
  close(): Promise<void>;
}
