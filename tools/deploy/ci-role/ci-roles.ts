// Two roles for GitHub Actions: one that looks and plans, from the branch; one that deploys, from the environment.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import { deployPolicy, lookPolicy, trustPolicy } from './ci-policies';

const HOST = 'token.actions.githubusercontent.com';

/** What {@link CiRoles} needs. */
export interface CiRolesArgs {
  /** Repository on GitHub, `OWNER/NAME`. */
  repository: string;
  /** Stack that is deployed; also the GitHub environment that approves. */
  stack: string;
  /** Branch that changes are saved from. */
  branch: string;
  /** S3 bucket of the Pulumi backend. @default none: Pulumi Cloud keeps the state */
  stateBucket?: string;
  /** GitHub's provider, one an account. @default made here */
  oidcProviderArn?: string;
}

/** The roles; no key of theirs is stored anywhere. */
export class CiRoles extends pulumi.ComponentResource {
  /** Previews and looks for drift; changes nothing. */
  readonly changeRoleArn: pulumi.Output<string>;
  /** Deploys, after somebody has approved in the environment. */
  readonly deployRoleArn: pulumi.Output<string>;

  constructor(name: string, args: CiRolesArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:ci:CiRoles', name, {}, opts);
    const parent = { parent: this };
    const provider =
      args.oidcProviderArn ??
      new aws.iam.OpenIdConnectProvider(
        `${name}-github`,
        { url: `https://${HOST}`, clientIdLists: ['sts.amazonaws.com'] },
        parent,
      ).arn;
    const subject = `repo:${args.repository}`;
    const role = (suffix: string, of: string, hours: number): aws.iam.Role =>
      new aws.iam.Role(
        `${name}-${args.stack}-${suffix}`,
        {
          assumeRolePolicy: pulumi
            .output(provider)
            .apply((arn) => JSON.stringify(trustPolicy(arn, `${subject}:${of}`))),
          maxSessionDuration: hours * 3600,
        },
        parent,
      );
    const change = role('change', `ref:refs/heads/${args.branch}`, 1);
    const deploy = role('deploy', `environment:${args.stack}`, 2);
    new aws.iam.RolePolicyAttachment(
      `${name}-look-at-all`,
      { role: change.name, policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
      parent,
    );
    const policy = (suffix: string, of: aws.iam.Role, document: unknown): void => {
      new aws.iam.RolePolicy(
        `${name}-${suffix}`,
        { role: of.id, policy: JSON.stringify(document) },
        parent,
      );
    };
    policy('look', change, lookPolicy(args));
    policy('deploy', deploy, deployPolicy(args));
    this.changeRoleArn = change.arn;
    this.deployRoleArn = deploy.arn;
    this.registerOutputs({ changeRoleArn: this.changeRoleArn, deployRoleArn: this.deployRoleArn });
  }
}
