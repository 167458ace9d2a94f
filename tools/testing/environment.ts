// Where each test file runs: with a temporary folder of its own, which it must leave empty, and with
// one failure for a set-up that failed.
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import { TestEnvironment } from 'jest-environment-node';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** What is needed of a test and of a `describe` of jest-circus. */
interface Block {
  type: 'describeBlock' | 'test';
  children?: Block[];
  parent?: Block;
  mode?: string | null;
  errors?: unknown[];
}

interface Event {
  name: string;
  hook?: { type: string; parent: Block };
  test?: Block;
}

/** Compilers of started programs keep their caches there, as they do on any machine. */
const CACHES = /^tsx-|^node-compile-cache$/;

class GatehouseEnvironment extends TestEnvironment {
  private readonly before: string | undefined;
  private readonly folder: string;
  /** Groups whose set-up failed. */
  private readonly failed = new Set<Block>();

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    const folder = mkdtempSync(join(tmpdir(), 'gatehouse-test-'));
    const before = process.env.TMPDIR;
    // Before the sandbox is made: it takes a copy of the environment.
    process.env.TMPDIR = folder;
    super(config, context);
    this.folder = folder;
    this.before = before;
  }

  /** @throws Error with the names of what the tests left in the temporary folder. */
  override async teardown(): Promise<void> {
    await super.teardown();
    if (this.before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = this.before;
    const left = readdirSync(this.folder).filter((name) => !CACHES.test(name));
    rmSync(this.folder, { recursive: true, force: true });
    if (left.length > 0) {
      throw new Error(`The tests left ${left.join(', ')} in the temporary folder: remove it.`);
    }
  }

  /** jest fails every test of a group whose `beforeAll` failed; here the first tells, for all. */
  handleTestEvent({ name, hook, test }: Event, state: { unhandledErrors: unknown[] }): void {
    if (name === 'hook_failure' && hook?.type === 'beforeAll') {
      this.failed.add(hook.parent);
    } else if (name === 'hook_failure' && hook?.type === 'afterAll') {
      // It ends what was never started.
      if (this.failed.has(hook.parent)) state.unhandledErrors.pop();
    } else if (name === 'test_started' && test !== undefined) {
      for (let block = test.parent; block !== undefined; block = block.parent) {
        if (this.failed.has(block)) passOver(block, test);
      }
    }
  }
}

function passOver(block: Block, told: Block): void {
  for (const child of block.children ?? []) {
    passOver(child, told);
    if (child.type === 'test' && child !== told) {
      child.mode = 'skip';
      child.errors = [];
    }
  }
}

export = GatehouseEnvironment;
