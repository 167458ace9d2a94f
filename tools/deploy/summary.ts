// What a change means for people: the offline plan held against the commit that is deployed.
import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import { planAgainst } from '../plan/against';
import { compare } from '../plan/comparison';
import { comparisonMarkdown } from '../plan/comparison-markdown';
import { comparisonText } from '../plan/comparison-text';
import { isAcceptable, planOf } from '../plan/plan';
import type { PastUpdate } from './engine';

/** A summary in two forms. */
export interface Summary {
  readonly text: string;
  readonly markdown: string;
  /** Whether no mandatory policy is violated. */
  readonly isAcceptable: boolean;
}

/** Load that prices are given for, requests a second. */
const REQUESTS = 100;

/**
 * @param deployed The last update that succeeded; undefined before the first.
 * @throws Error in plain words when the program or its settings are wrong.
 */
export async function summarise(stack: string, deployed: PastUpdate | undefined): Promise<Summary> {
  const plan = planOf(await record(stack, { program: gatehouse }));
  const commit = deployed?.environment['git.head'];
  const nothing = (why: string): Summary => ({
    text: `${why}\n`,
    markdown: `${why}\n`,
    isAcceptable: isAcceptable(plan),
  });
  if (deployed === undefined) return nothing('The stack was never deployed: everything is new.');
  if (commit === undefined) {
    return nothing('The last update names no commit: rights and price are not compared.');
  }
  try {
    const comparison = compare(await planAgainst(commit, stack), plan, REQUESTS);
    const dirty =
      deployed.environment['git.dirty'] === 'true'
        ? 'The last update was made from a tree that differed from its commit.\n'
        : '';
    return {
      text: `${dirty}${comparisonText(comparison, commit.slice(0, 12))}`,
      markdown: `${dirty}${comparisonMarkdown(plan, comparison, commit.slice(0, 12))}`,
      isAcceptable: isAcceptable(plan),
    };
  } catch (error) {
    return nothing(
      `Rights and price are not compared with what is deployed (${commit.slice(0, 12)}): ${(error as Error).message}`,
    );
  }
}
