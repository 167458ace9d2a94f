// Applies an update and tells the truth about it: what the engine did, what ECS runs, what the address answers.
import { Region } from './aws';
import { EngineError } from './engine-errors';
import type { Journal, Step } from './engine-events';
import { journalOf } from './engine';
import { tryFrontDoor } from './front-door';
import { DeployError, type Context } from './io';
import { Progress } from './progress';
import { checkRollout, describeService, ecsTarget, explain } from './rollout';

/** The pack that every preview and update is held to. */
export const POLICY_PACK = 'policies';

/** The outputs that a command needs of a stack that was deployed before. */
export async function deployedOutputs(
  context: Context,
): Promise<Readonly<Record<string, unknown>> & { readonly region: string }> {
  const outputs = await context.engine.outputs();
  const { region } = outputs;
  if (typeof region !== 'string') {
    throw new DeployError(
      `The stack "${context.stack}" has no output "region": it was never deployed, or not to its end. ` +
        `Deploy it first: "npm run up -- ${context.stack}".`,
    );
  }
  return { ...outputs, region };
}

/**
 * Updates the stack. Prints what comes of it; answers the exit code.
 * @param planFile Plan that the engine is held to.
 * @param total Steps that the preview counted.
 */
export async function update(
  context: Context,
  { planFile, total }: { planFile?: string; total?: number },
): Promise<number> {
  const { engine, io } = context;
  const progress = new Progress(io, total);
  let interrupted = 0;
  try {
    const journal = await engine.up({
      ...(planFile === undefined ? {} : { planFile }),
      policyPack: POLICY_PACK,
      onEvent: progress.onEvent,
      interrupts: (handler) =>
        io.interrupts(() => {
          interrupted++;
          io.stderr(
            interrupted === 1
              ? '\nStopping in an orderly way; what is under way is ended first. Again to stop at once, which may leave resources that nobody knows of.\n'
              : '\nStopping at once.\n',
          );
          handler();
        }),
    });
    io.stderr(`\nDone: ${counted(journal.done)}.\n`);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return await tellFailure(context, error);
  } finally {
    progress.end();
  }
  return await tellResult(context);
}

/** "2 created, 1 updated". */
export function counted(steps: readonly Step[]): string {
  const ops = new Map<string, number>();
  for (const { op } of steps) ops.set(op, (ops.get(op) ?? 0) + 1);
  return [...ops].map(([op, count]) => `${count} ${op}`).join(', ') || 'nothing to change';
}

async function tellResult({ engine, io, stack }: Context): Promise<number> {
  const outputs = await engine.outputs();
  const { region, url, dashboardUrl, issueFirstKey } = outputs as Record<string, string>;
  const target = ecsTarget(outputs);
  if (target !== undefined && region !== undefined) {
    const { ok, report } = await checkRollout(new Region(region), target, io);
    io.stderr(`${report}\n`);
    if (!ok) {
      io.stderr(
        `\nThe stack "${stack}" is up to date but for its service; callers are served by the revision before.\n`,
      );
      return 1;
    }
  }
  if (url === undefined) return 0;
  const trial = await tryFrontDoor(url, io);
  io.stdout(
    [
      `URL        ${url}`,
      `Dashboard  ${dashboardUrl ?? 'none'}`,
      `Try        ${trial.report}`,
      ...(issueFirstKey === undefined ? [] : [`A key      ${issueFirstKey}`]),
      '',
    ].join('\n'),
  );
  return trial.ok ? 0 : 1;
}

async function tellFailure(context: Context, error: EngineError): Promise<number> {
  const { io, stack } = context;
  const journal = journalOf(error);
  io.stderr(`\n${error.message}\n`);
  if (journal !== undefined && journal.done.length > 0) {
    io.stderr(`Before that: ${counted(journal.done)}.\n`);
  }
  if (error.kind === 'cancelled') io.stderr(`${await afterInterruption(context, journal)}\n`);
  if (journal?.failed.some(({ type }) => type === 'aws:ecs/service:Service') === true) {
    io.stderr(`\n${await explainService(context)}\n`);
  }
  if (error.kind === 'failed') {
    io.stderr(`What was done stays done; "npm run up -- ${stack}" goes on from there.\n`);
  }
  return 1;
}

/** The state of a stack after Ctrl-C. */
async function afterInterruption(
  { engine, stack }: Context,
  journal: Journal | undefined,
): Promise<string> {
  const { pending } = await engine.state();
  const state =
    pending.length === 0
      ? 'The state is whole: it knows everything that was made'
      : `Not known is the end of ${pending.map((urn) => urn.slice(urn.lastIndexOf('::') + 2)).join(', ')}: ` +
        `"npx pulumi refresh --stack ${stack}" asks AWS`;
  const remaining = (journal?.steps.length ?? 0) - (journal?.done.length ?? 0);
  const begun = remaining > 0 ? ` ${remaining} steps had begun and not ended.` : '';
  return `${state}.${begun} "npm run up -- ${stack}" goes on from there.`;
}

async function explainService({ engine }: Context): Promise<string> {
  const outputs = await engine.outputs();
  const target = ecsTarget(outputs);
  if (target === undefined || typeof outputs.region !== 'string') {
    return 'The service was never up before; see the events of the service in the ECS console.';
  }
  const region = new Region(outputs.region);
  const state = await engine.state();
  // The outputs are those of the last success; the state knows the revision that was made just now.
  const made = state.resources.find(({ type }) => type === 'aws:ecs/taskDefinition:TaskDefinition');
  const arn = made?.outputs?.arn;
  const asked = {
    ...target,
    taskDefinition: typeof arn === 'string' ? arn : target.taskDefinition,
  };
  return explain(region, asked, await describeService(region, target));
}
