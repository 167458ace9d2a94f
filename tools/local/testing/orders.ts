// The example of an image with a workload file, on the local platform of a test.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startPlatform } from '../platform';
import type { Platform } from '../platform';
import { ROOT } from './command';

const IMAGE = `example.com/orders@sha256:${'0'.repeat(64)}`;
export const ORDERS = readFileSync(join(ROOT, 'examples/orders/orders.yaml'), 'utf8');

/** The text of the example's workload file with another command, and what else is asked for. */
export function withCommand(command: readonly string[], more = ''): string {
  return `${ORDERS.replace(/^local:.*$/m, `local: { command: ${JSON.stringify(command)} }`)}${more}`;
}

/** Where a test's workload file and programs are, and what was started and said. */
export class OrdersPlatform {
  /** In the project: workload files are named by paths within it. */
  readonly folder = join(ROOT, 'dist', `orders-${process.pid}`);
  readonly said: string[] = [];
  private platform: Platform | undefined;

  constructor() {
    mkdirSync(this.folder, { recursive: true });
  }

  /** Starts the platform with a workload file of this text. */
  async start(workloadFile: string): Promise<Platform> {
    const file = join(this.folder, 'orders.yaml');
    writeFileSync(file, workloadFile);
    this.platform = await startPlatform({
      ...{ stack: 'dev', port: 0, consolePort: 0, endWithinMs: 60_000 },
      project: { config: { image: IMAGE, workload: relative(ROOT, file) } },
      onEvent: (message) => this.said.push(message),
    });
    return this.platform;
  }

  async close(): Promise<void> {
    await this.platform?.close();
    rmSync(this.folder, { recursive: true });
  }
}
