// What `npm run plan` does once it knows what is asked for: plan, compare, print.
import { writeFileSync } from 'node:fs';
import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import { compare, type Comparison } from './comparison';
import { comparisonMarkdown } from './comparison-markdown';
import { comparisonText } from './comparison-text';
import { renderHtml } from './html';
import { isAcceptable, planOf, type Plan } from './plan';
import { renderText } from './text';

/** What the command line asks for. */
export interface PlanFlags {
  stack: string;
  json?: true;
  html?: string;
  against?: string;
  markdown?: true;
  requests: number;
}

/**
 * Plans, compares if there is something to compare with, and prints.
 * @returns the exit code: 0, or 1 for a mandatory policy that is violated.
 * @throws Error of the program, or of the plan to compare with.
 */
export async function run(flags: PlanFlags, against?: Promise<Plan>): Promise<number> {
  const [plan, before] = await Promise.all([
    record(flags.stack, { program: gatehouse }).then(planOf),
    against,
  ]);
  const comparison = before === undefined ? undefined : compare(before, plan, flags.requests);
  if (flags.html !== undefined) {
    writePage(flags.html, await renderHtml(plan, { comparison, requests: flags.requests }));
  }
  process.stdout.write(output(flags, plan, comparison));
  if (isAcceptable(plan)) return 0;
  process.stderr.write(
    'A mandatory policy is violated: correct the program or its configuration.\n',
  );
  return 1;
}

function output(flags: PlanFlags, plan: Plan, comparison: Comparison | undefined): string {
  if (flags.json === true) return `${JSON.stringify({ ...plan, ...comparison }, null, 2)}\n`;
  if (comparison === undefined || flags.against === undefined) return renderText(plan);
  return flags.markdown === true
    ? comparisonMarkdown(plan, comparison, flags.against)
    : comparisonText(comparison, flags.against);
}

function writePage(file: string, page: string): void {
  try {
    writeFileSync(file, page);
  } catch (error) {
    throw new Error(
      `--html ${file} cannot be written (${(error as Error).message}): name a file in a folder that exists.`,
      { cause: error },
    );
  }
}
