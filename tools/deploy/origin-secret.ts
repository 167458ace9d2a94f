// What `up` and `change` look at before the origin secret changes: that tasks and CloudFront know each other throughout.
import { isSeamless, originSecretsOf, type OriginSecrets } from '../../contracts/origin-secret';
import { readStackConfig } from '../../recorder/stack-file';
import { DeployError, type Context } from './io';
import { shortName } from './stack-name';

/** What the settings of a stack ask for; what is wrong with their form the program itself says. */
function askedFor(stack: string): OriginSecrets {
  const { project, values } = readStackConfig(shortName(stack));
  const number = (setting: string, fallback: number): number => {
    const value = Number(values[`${project}:${setting}`] ?? values[`gatehouse:${setting}`]);
    return Number.isInteger(value) && value >= 0 ? value : fallback;
  };
  return originSecretsOf(number('originSecret', 1), number('originSecretSent', 0));
}

/** Refuses a change of the origin secret by which requests would be answered 401 until it is over. */
export async function refuseAbruptSecret(
  { engine, stack }: Context,
  asked: OriginSecrets = askedFor(stack),
): Promise<void> {
  const { originSecrets } = (await engine.outputs()) as { originSecrets?: OriginSecrets };
  // A stack that was never up, or by an older release, knows the first alone.
  const before = originSecrets ?? originSecretsOf(1, 0);
  if (isSeamless(before, asked)) return;
  throw new DeployError(
    `Nothing was changed, for requests would be refused meanwhile: the stack takes origin ${secrets(before.accepted)}, ` +
      `CloudFront sends ${before.sent}, and the settings ask for ${secrets(asked.accepted)} with ${asked.sent} sent. ` +
      'Old tasks must take what is sent afterwards, and new ones what is sent now. Go one step at a time ' +
      '(docs/runbook.md#rotate-the-origin-secret): first ' +
      `"npx pulumi config set --stack ${stack} gatehouse:originSecret ${before.sent + 1}" and ` +
      `"npx pulumi config set --stack ${stack} gatehouse:originSecretSent ${before.sent}".`,
  );
}

function secrets(numbers: readonly number[]): string {
  return `secret${numbers.length === 1 ? '' : 's'} ${numbers.join(' and ')}`;
}
