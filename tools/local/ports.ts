// Finds out before anything starts whether the ports are free, and says whose they are if not.
import { createServer } from 'node:http';
import { listen, shut } from './http';
import { runningPlatforms } from './state';

export interface WantedPort {
  /** 0 means any free one and is always fine. */
  port: number;
  /** The command-line flag that chooses it. */
  flag: string;
  /** What it is for, as in "port 8080 for the edge". */
  purpose: string;
}

/** @throws Error that names every port that can't be had, why, and the flag that chooses another. */
export async function assertPortsFree(wanted: readonly WantedPort[]): Promise<void> {
  const problems: string[] = [];
  for (const { port, flag, purpose } of wanted) {
    const reason = port === 0 ? undefined : await whyTaken(port);
    if (reason !== undefined) {
      problems.push(`Port ${port} for ${purpose} ${reason}; choose another with ${flag}.`);
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

async function whyTaken(port: number): Promise<string | undefined> {
  const server = createServer();
  try {
    await listen(server, port);
    await shut(server);
    return undefined;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EACCES') {
      return 'needs more rights than you have';
    }
    const holder = [...runningPlatforms().values()].find(({ edge, console }) =>
      [edge, console].some((url) => Number(new URL(url).port) === port),
    );
    return holder === undefined
      ? 'is taken by another program: end that one'
      : `is taken by a local platform that is already running (stack ${holder.stack}, process ` +
          `${holder.pid}): end that one with Ctrl-C`;
  }
}
