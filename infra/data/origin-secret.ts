// The secret by which the service knows that a request came through CloudFront.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';
import { originSecretsOf, type OriginSecrets } from '../../contracts/origin-secret';

/** What {@link OriginSecret} needs. */
export interface OriginSecretArgs {
  /** Customer-managed key that encrypts it. */
  kmsKeyArn: pulumi.Input<string>;
  /** Keep a deleted secret for 30 days; else it is gone at once, and the stack can be made again. */
  protect: boolean;
  /** Numbers of those that the service takes and the one that CloudFront sends. @default the first alone */
  secrets?: OriginSecrets;
}

/** Random secrets, in the state as secrets, each in a secret of Secrets Manager for whoever checks it. */
export class OriginSecret extends pulumi.ComponentResource {
  /** The value that CloudFront sends; a Pulumi secret. */
  readonly value: pulumi.Output<string>;
  /**
   * ARNs of those that the service takes, the newest first. Each number has an ARN of its own, so that
   * tasks are replaced when there is a new one. They resolve when the secrets have their values.
   */
  readonly arns: pulumi.Output<string>[];

  constructor(name: string, args: OriginSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:OriginSecret', name, {}, opts);
    const { accepted, sent } = args.secrets ?? originSecretsOf(1, 0);
    const made = accepted.map((number) => ({ number, ...numbered(name, number, args, this) }));
    const ofCloudFront = made.find(({ number }) => number === sent);
    if (ofCloudFront === undefined) throw new Error(`There is no origin secret ${sent}.`);
    this.value = pulumi.secret(ofCloudFront.value);
    this.arns = made.map(({ arn }) => arn);
    this.registerOutputs({ arns: this.arns });
  }
}

function numbered(
  name: string,
  number: number,
  args: OriginSecretArgs,
  parent: pulumi.Resource,
): { value: pulumi.Output<string>; arn: pulumi.Output<string> } {
  const suffix = number === 1 ? '' : `-${number}`;
  // 48 letters and digits: 285 bits, and nothing that a header would have to escape.
  const password = new random.RandomPassword(
    `${name}-origin-value${suffix}`,
    { length: 48, special: false },
    { parent },
  );
  const secret = new aws.secretsmanager.Secret(
    `${name}-origin${suffix}`,
    {
      description: 'CloudFront adds it to every request to the origin.',
      kmsKeyId: args.kmsKeyArn,
      recoveryWindowInDays: args.protect ? 30 : 0,
    },
    { parent },
  );
  const version = new aws.secretsmanager.SecretVersion(
    `${name}-origin-version${suffix}`,
    { secretId: secret.id, secretString: password.result },
    { parent },
  );
  return { value: password.result, arn: version.arn };
}
