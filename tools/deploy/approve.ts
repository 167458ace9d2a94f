// npm run approve: applies the saved change and no other.
import { accountOf, Region } from './aws';
import { stepLine } from './change';
import { cleanCommit } from './git';
import { confirm, DeployError } from './io';
import { discardChange, planFileOf, readChange } from './saved-change';
import { regionOf } from './stack-name';
import { refuseDuringDeployment, refuseToStrand } from './under-way';
import { counted, update } from './update';
import type { Verb } from './verb';

export const approve: Verb = {
  summary: 'Applies the change that "npm run change" saved, and nothing else.',
  help:
    'Refuses a change of another commit, stack or AWS account, one that the stack has outlived, and a\n' +
    'working tree that differs from its commit.',
  options: (command) => command.option('--yes', 'do not ask; for CI, behind an environment'),
  async run(context, { yes }) {
    const { engine, io, stack, root } = context;
    const saved = readChange(root, stack);
    const commit = cleanCommit(root);
    const again = `Save a new one: "npm run change -- ${stack}".`;
    if (commit !== saved.commit) {
      throw new DeployError(
        `The change was saved for commit ${saved.commit.slice(0, 12)}, and ${commit.slice(0, 12)} is checked out. ` +
          `Check that one out, or save a new one: "npm run change -- ${stack}".`,
      );
    }
    const { id: account } = await accountOf(new Region(regionOf(stack)));
    if (account !== saved.account) {
      throw new DeployError(
        `The change was saved for AWS account ${saved.account}, and these are credentials of ${account}. ` +
          'Use those of the former.',
      );
    }
    const [latest] = await engine.history(1);
    if ((latest?.startTime ?? null) !== saved.after) {
      throw new DeployError(
        `The stack was updated since (${latest?.startTime ?? 'its history is gone'}), so the change is stale. ${again}`,
      );
    }
    await refuseDuringDeployment(context);
    await refuseToStrand(context, saved.steps);
    io.stdout(
      `Saved ${saved.savedAt} for commit ${commit.slice(0, 12)}: ${counted(saved.steps.map((step) => ({ ...step, urn: '' })))}\n` +
        `${saved.steps.map(stepLine).join('\n')}\n`,
    );
    await confirm(io, { question: 'Apply it?', word: stack, yes });
    const code = await update(context, {
      planFile: planFileOf(root, stack),
      total: saved.steps.length,
    });
    // Applied in part, it is stale; the engine's history says so, too.
    discardChange(root, stack);
    return code;
  },
};
