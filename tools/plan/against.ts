// The plan to compare with: a saved one, or that of another commit, evaluated in a checkout of its own.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Plan } from './plan';

const ROOT = resolve(__dirname, '../..');

/**
 * Reads what `--against` names: the file of an earlier `npm run plan -- --json`, else a git ref.
 * @throws Error when it is neither, or when that commit has no such stack or does not plan.
 */
export async function planAgainst(against: string, stack: string): Promise<Plan> {
  return existsSync(against) ? savedPlan(against) : planOfCommit(against, stack);
}

function savedPlan(file: string): Plan {
  let plan: Partial<Plan> & { resourcePlans?: unknown };
  try {
    plan = JSON.parse(readFileSync(file, 'utf8')) as typeof plan;
  } catch (error) {
    throw new Error(
      `--against ${file} is not JSON (${(error as Error).message}): save one by "npm run -s plan -- --stack NAME --json > ${file}".`,
      { cause: error },
    );
  }
  if (!Array.isArray(plan.resources) || plan.outputs === undefined) {
    const kind = plan.resourcePlans === undefined ? 'no plan' : 'a plan of the Pulumi engine';
    throw new Error(
      `--against ${file} is ${kind}: expected what "npm run -s plan -- --stack NAME --json" prints.`,
    );
  }
  return plan as Plan;
}

async function planOfCommit(ref: string, stack: string): Promise<Plan> {
  const found = git(['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]);
  if (found.status !== 0) {
    throw new Error(
      `--against ${ref} is neither a file nor a commit of this repository: name a plan that was saved as JSON, a branch, a tag or a commit.`,
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-plan-'));
  const checkout = join(folder, 'checkout');
  try {
    const added = git(['worktree', 'add', '--detach', '--quiet', checkout, found.stdout.trim()]);
    if (added.status !== 0)
      throw new Error(`git could not check ${ref} out: ${added.stderr.trim()}`);
    symlinkSync(join(ROOT, 'node_modules'), join(checkout, 'node_modules'), 'junction');
    return await planIn(checkout, ref, stack);
  } finally {
    rmSync(folder, { recursive: true, force: true });
    git(['worktree', 'prune']);
  }
}

function git(args: string[]): { status: number | null; stdout: string; stderr: string } {
  return spawnSync('git', args, { cwd: ROOT, encoding: 'utf8' });
}

async function planIn(checkout: string, ref: string, stack: string): Promise<Plan> {
  const loader = join(ROOT, 'tools/tsx.cjs');
  const args = ['-r', loader, 'tools/plan/main.ts', '--stack', stack, '--json'];
  const child = spawn(process.execPath, args, {
    cwd: checkout,
    // Both caches go by path, and no checkout has that of another: they would only grow.
    env: { ...process.env, TSX_DISABLE_CACHE: '1', NODE_DISABLE_COMPILE_CACHE: '1' },
  });
  const out: string[] = [];
  const err: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => out.push(text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => err.push(text));
  const code = await new Promise<number | null>((done, fail) => {
    child.on('error', fail).on('close', done);
  });
  // 1 with a document is a plan with violations: what it would have made is known all the same.
  try {
    return JSON.parse(out.join('')) as Plan;
  } catch {
    throw new Error(
      `The program of ${ref} does not plan (exit code ${code}): ${err.join('').trim()}`,
    );
  }
}
