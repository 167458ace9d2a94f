// The secret by which the service knows that a request came through CloudFront.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import * as random from '@pulumi/random';

/** What {@link OriginSecret} needs. */
export interface OriginSecretArgs {
  /** Customer-managed key that encrypts it. */
  kmsKeyArn: pulumi.Input<string>;
  /** Keep a deleted secret for 30 days; else it is gone at once, and the stack can be made again. */
  protect: boolean;
}

/** A random secret, in the state as a secret, in Secrets Manager for whoever checks it. */
export class OriginSecret extends pulumi.ComponentResource {
  /** The value; a Pulumi secret. */
  readonly value: pulumi.Output<string>;
  /** ARN; resolves when the secret has its value. */
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: OriginSecretArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:OriginSecret', name, {}, opts);
    // 48 letters and digits: 285 bits, and nothing that a header would have to escape.
    const password = new random.RandomPassword(
      `${name}-origin-value`,
      { length: 48, special: false },
      { parent: this },
    );
    const secret = new aws.secretsmanager.Secret(
      `${name}-origin`,
      {
        description: 'CloudFront adds it to every request to the origin.',
        kmsKeyId: args.kmsKeyArn,
        recoveryWindowInDays: args.protect ? 30 : 0,
      },
      { parent: this },
    );
    const version = new aws.secretsmanager.SecretVersion(
      `${name}-origin-version`,
      { secretId: secret.id, secretString: password.result },
      { parent: this },
    );
    this.value = pulumi.secret(password.result);
    this.arn = version.arn;
    this.registerOutputs({ arn: this.arn });
  }
}
