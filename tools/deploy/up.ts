// npm run up: previews, asks, updates, and tells the truth about what came of it.
import { refuseBadAdoption } from './adoption';
import { steps } from './change';
import { confirm } from './io';
import { refuseAbruptSecret } from './origin-secret';
import { refuseDuringDeployment, refuseToStrand, tellOtherRevision } from './under-way';
import { POLICY_PACK, update } from './update';
import type { Verb } from './verb';

export const up: Verb = {
  summary: 'Updates a stack, and fails when ECS rolled back or the address does not answer.',
  help:
    'Ends with 0 only when the revision that was asked for runs and the edge answers. Run again after an\n' +
    'interruption or a failure, it goes on from there.',
  options: (command) => command.option('--yes', 'do not ask after the preview'),
  async run(context, { yes }) {
    const { engine, io, stack } = context;
    await refuseDuringDeployment(context);
    await refuseBadAdoption(context);
    await refuseAbruptSecret(context);
    io.stderr(`Previewing "${stack}"\n`);
    const preview = await engine.preview({ policyPack: POLICY_PACK, interrupts: io.interrupts });
    io.stderr(steps(preview));
    await refuseToStrand(context, preview.steps);
    await tellOtherRevision(context, preview.steps);
    if (preview.steps.length > 0) await confirm(io, { question: 'Update?', word: stack, yes });
    return update(context, { total: preview.steps.length });
  },
};
