// npm run drift: what somebody changed on AWS past the program, without what AWS itself may change.
import type { Step } from './engine-events';
import { stepLine } from './change';
import type { Verb } from './verb';

/** Properties that AWS changes in operation, by type. */
const OWNED: Readonly<Record<string, readonly string[]>> = {
  // Autoscaling has the number; a roll-back has the revision, of which `status` tells.
  'aws:ecs/service:Service': ['desiredCount', 'taskDefinition'],
  // ECS shifts the weights of a canary or blue/green deployment.
  'aws:lb/listener:Listener': ['defaultActions'],
  'aws:lb/listenerRule:ListenerRule': ['actions'],
};

export const drift: Verb = {
  summary: 'Says what was changed on AWS past the program; for CI, at night.',
  help:
    'A refresh that only looks. Task counts and listener weights, which autoscaling and ECS own, do not\n' +
    'count. Ends with 1 when something drifted.',
  options: (command) => command.option('--json', 'print one JSON document'),
  async run({ engine, io, stack }, { json = false }) {
    const { done } = await engine.drift({ interrupts: io.interrupts });
    const drifted = done.flatMap((step) => withoutOwned(step) ?? []);
    const document = {
      stack,
      drifted: drifted.map(({ op, type, name, properties }) => ({ op, type, name, properties })),
    };
    if (json) io.stdout(`${JSON.stringify(document, null, 2)}\n`);
    else if (drifted.length === 0) io.stdout(`"${stack}" is as the program made it.\n`);
    else {
      io.stdout(
        `Changed on AWS, past the program:\n${drifted.map(stepLine).join('\n')}\n` +
          `"npm run up -- ${stack}" does not see this by itself: "npx pulumi refresh --stack ${stack}" first, then up puts it back.\n`,
      );
    }
    return drifted.length === 0 ? 0 : 1;
  },
};

/** The step without owned properties, or undefined when nothing else changed. */
function withoutOwned(step: Step): Step | undefined {
  if (step.op !== 'update') return step;
  const owned = OWNED[step.type] ?? [];
  // `desiredCount` of `desiredCount` and of `defaultActions[0].forward` alike.
  const properties = step.properties.filter(
    (property) => !owned.includes(property.split(/[.[]/)[0] ?? ''),
  );
  return step.properties.length > 0 && properties.length === 0
    ? undefined
    : { ...step, properties };
}
