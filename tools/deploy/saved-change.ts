// A change as it waits for approval: the engine's plan, what it was made from, and its summary.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Step } from './engine-events';
import { DeployError } from './io';

/** What `change` saves and `approve` checks. */
export interface SavedChange {
  readonly stack: string;
  /** Commit that the plan was made from. */
  readonly commit: string;
  /** AWS account of the credentials at that time. */
  readonly account: string;
  /** Start of the last update of the stack, by which a later one is known; null before the first. */
  readonly after: string | null;
  /** ISO 8601. */
  readonly savedAt: string;
  /** SHA-256 of the plan file, hex. */
  readonly planHash: string;
  readonly steps: readonly Pick<Step, 'op' | 'type' | 'name' | 'properties'>[];
}

/** What is kept on this machine about a stack; git ignores it. */
export function stackFolder(root: string, stack: string): string {
  return join(root, '.local', 'deploy', stack.replaceAll('/', '+'));
}

/** Where a change waits. */
export function changeFolder(root: string, stack: string): string {
  return join(stackFolder(root, stack), 'change');
}

/** The engine's plan of a change. */
export function planFileOf(root: string, stack: string): string {
  return join(changeFolder(root, stack), 'plan.json');
}

/** Makes the folder anew; a plan may hold what others need not read. */
export function openChangeFolder(root: string, stack: string): void {
  discardChange(root, stack);
  mkdirSync(changeFolder(root, stack), { recursive: true, mode: 0o700 });
}

/** Saves what goes with the plan. */
export function saveChange(
  root: string,
  change: Omit<SavedChange, 'planHash'>,
  summary: string,
): void {
  const folder = changeFolder(root, change.stack);
  const saved: SavedChange = { ...change, planHash: hashOf(planFileOf(root, change.stack)) };
  writeFileSync(join(folder, 'change.json'), `${JSON.stringify(saved, null, 2)}\n`);
  writeFileSync(join(folder, 'summary.md'), summary);
}

/** @throws DeployError when there is none, or its plan is not the one that was saved. */
export function readChange(root: string, stack: string): SavedChange {
  const file = join(changeFolder(root, stack), 'change.json');
  if (!existsSync(file)) {
    throw new DeployError(
      `There is no saved change of "${stack}": save one by "npm run change -- ${stack}".`,
    );
  }
  const again = `Save a new one: "npm run change -- ${stack}".`;
  let change: SavedChange;
  try {
    change = JSON.parse(readFileSync(file, 'utf8')) as SavedChange;
  } catch (error) {
    throw new DeployError(`${file} is not JSON (${(error as Error).message}). ${again}`, {
      cause: error,
    });
  }
  if (change.stack !== stack) {
    throw new DeployError(
      `The saved change is one of "${change.stack}", not of "${stack}". ${again}`,
    );
  }
  const plan = planFileOf(root, stack);
  if (!existsSync(plan) || hashOf(plan) !== change.planHash) {
    throw new DeployError(`The plan in ${plan} is not the one that was saved. ${again}`);
  }
  return change;
}

/** Removes a change that was applied, or never will be. */
export function discardChange(root: string, stack: string): void {
  rmSync(changeFolder(root, stack), { recursive: true, force: true });
}

function hashOf(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
