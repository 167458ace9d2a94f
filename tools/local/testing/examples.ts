// The examples on the local platform of a test: an image with a workload file, or a service's folder.
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { startPlatform } from '../platform';
import type { Platform, PlatformOptions } from '../platform';
import { ROOT } from './command';

const IMAGE = `example.com/orders@sha256:${'0'.repeat(64)}`;
export const ORDERS = readFileSync(join(ROOT, 'examples/orders/orders.yaml'), 'utf8');

/** The text of the example's workload file with another command, and what else is asked for. */
export function withCommand(command: readonly string[], more = ''): string {
  return `${ORDERS.replace(/^local:.*$/m, `local: { command: ${JSON.stringify(command)} }`)}${more}`;
}

/** Where a test's workload file and programs are, and what was started and said. */
export class ExamplePlatform {
  /** In the project: workload files are named by paths within it. */
  readonly folder = join(ROOT, 'dist', `examples-${process.pid}`);
  readonly said: string[] = [];
  private platform: Platform | undefined;

  constructor() {
    mkdirSync(this.folder, { recursive: true });
  }

  /** Starts the platform with an image and a workload file of this text. */
  async start(workloadFile: string, more?: Partial<PlatformOptions>): Promise<Platform> {
    const file = join(this.folder, 'orders.yaml');
    writeFileSync(file, workloadFile);
    return this.startWith({ image: IMAGE, workload: relative(ROOT, file) }, more);
  }

  /** Starts the platform of stack dev with other settings. */
  async startWith(
    config: Record<string, string>,
    more?: Partial<PlatformOptions>,
  ): Promise<Platform> {
    this.platform = await startPlatform({
      ...{ stack: 'dev', port: 0, consolePort: 0, endWithinMs: 60_000 },
      project: { config },
      onEvent: (message) => this.said.push(message),
      ...more,
    });
    return this.platform;
  }

  async close(): Promise<void> {
    await this.platform?.close();
    rmSync(this.folder, { recursive: true });
  }
}
