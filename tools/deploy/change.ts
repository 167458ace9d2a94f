// npm run change: saves the engine's plan of an update with what it means, for somebody to approve.
import { refuseBadAdoption } from './adoption';
import { accountOf, Region } from './aws';
import type { Journal, Step } from './engine-events';
import { cleanCommit } from './git';
import { DeployError } from './io';
import { discardChange, openChangeFolder, planFileOf, saveChange } from './saved-change';
import { refuseAbruptSecret } from './origin-secret';
import { regionOf, shortName } from './stack-name';
import { summarise } from './summary';
import { refuseDuringDeployment, refuseToStrand, tellOtherRevision } from './under-way';
import { counted, POLICY_PACK } from './update';
import type { Verb } from './verb';

export const change: Verb = {
  summary:
    'Saves what an update would do, with its policy verdicts, rights and price, to be approved.',
  help:
    'Saves under .local/deploy/STACK/change: the plan that the engine will be held to, the commit, the AWS\n' +
    'account and a summary (summary.md). "npm run approve -- STACK" applies just that.',
  async run(context) {
    const { engine, io, stack, root } = context;
    const commit = cleanCommit(root);
    const { id: account } = await accountOf(new Region(regionOf(stack)));
    await refuseDuringDeployment(context);
    await refuseBadAdoption(context);
    await refuseAbruptSecret(context);
    const history = await engine.history();
    const deployed = history.find(
      ({ kind, result }) => kind === 'update' && result === 'succeeded',
    );
    const summary = await summarise(shortName(stack), deployed);
    if (!summary.isAcceptable) {
      io.stderr(summary.text);
      throw new DeployError(
        `A mandatory policy is violated: "npm run plan -- --stack ${shortName(stack)}" says which.`,
      );
    }
    openChangeFolder(root, stack);
    const journal = await engine
      .preview({ planFile: planFileOf(root, stack), policyPack: POLICY_PACK })
      .catch((error: unknown) => {
        discardChange(root, stack);
        throw error;
      });
    await tellOtherRevision(context, journal.steps);
    if (journal.steps.length === 0) {
      discardChange(root, stack);
      io.stdout(`Nothing to change: "${stack}" is what ${commit.slice(0, 12)} asks for.\n`);
      return 0;
    }
    await refuseToStrand(context, journal.steps);
    saveChange(
      root,
      {
        stack,
        commit,
        account,
        after: history[0]?.startTime ?? null,
        savedAt: new Date(io.now()).toISOString(),
        steps: journal.steps.map(({ op, type, name, properties }) => ({
          op,
          type,
          name,
          properties,
        })),
      },
      summary.markdown,
    );
    io.stdout(
      `${steps(journal)}\n${summary.text}\n` +
        `Saved for commit ${commit.slice(0, 12)} and account ${account}. Apply it by:\n  npm run approve -- ${stack}\n`,
    );
    return 0;
  },
};

/** What the engine will do, a line a resource. */
export function steps({ steps: all, policies }: Pick<Journal, 'steps' | 'policies'>): string {
  return [
    `The engine will do: ${counted(all)}`,
    ...all.map(stepLine),
    ...policies.map(({ policyName, message }) => `  advisory ${policyName}: ${message.trim()}`),
    '',
  ].join('\n');
}

export function stepLine({ op, type, name, properties }: Omit<Step, 'urn'>): string {
  const what = properties.length === 0 ? '' : `: ${properties.join(', ')}`;
  return `  ${op} ${type} ${name}${what}`;
}
