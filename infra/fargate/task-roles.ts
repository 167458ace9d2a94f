// Roles of a task: the service's own, and the one that ECS starts the task with.
import * as aws from '@pulumi/aws';
import * as pulumi from '@pulumi/pulumi';
import type { Statement } from '../../contracts/workload';
import { assumedBy, logWriterStatements, policyOf } from '../rights/policy-documents';
import { readSecrets } from '../rights/statements';

/** A role that already has its rights when the service depends on `policy`. */
export interface Role {
  readonly arn: pulumi.Output<string>;
  readonly policy: aws.iam.RolePolicy;
}

/** A role of ECS tasks with one inline policy. */
export function roleOf(
  name: string,
  suffix: string,
  description: string,
  policy: pulumi.Input<string>,
  parent: pulumi.Resource,
): Role {
  const role = new aws.iam.Role(
    `${name}-${suffix}-role`,
    { description, assumeRolePolicy: assumedBy('ecs-tasks.amazonaws.com') },
    { parent },
  );
  return {
    arn: role.arn,
    policy: new aws.iam.RolePolicy(
      `${name}-${suffix}-policy`,
      { role: role.id, policy },
      { parent },
    ),
  };
}

/** The rights of the service, and the collector's: metrics, embedded in a log group. */
export function taskPolicy(
  statements: pulumi.Input<Statement[]>,
  metricsLogGroupArn: pulumi.Input<string>,
): pulumi.Output<string> {
  return pulumi
    .all([statements, metricsLogGroupArn])
    .apply(([own, metricsArn]) => policyOf([...own, ...logWriterStatements([metricsArn])]));
}

/** What a task needs before the service runs. */
export interface ExecutionGrants {
  originSecretArns: pulumi.Input<string>[];
  /** Key that the origin secret is encrypted with. */
  secretKeyArn: pulumi.Input<string>;
  /** ARNs of the secrets that the workload names. */
  secretArns: readonly string[];
  /** Private repositories that images are pulled from. */
  repositoryArns: pulumi.Input<string>[];
  logGroupArns: pulumi.Input<string>[];
}

/** Read the named secrets, pull from the named repositories, write to its own log groups. */
export function executionPolicy(grants: ExecutionGrants): pulumi.Output<string> {
  return pulumi
    .all([
      pulumi.all(grants.originSecretArns),
      grants.secretKeyArn,
      pulumi.all(grants.repositoryArns),
      pulumi.all(grants.logGroupArns),
    ])
    .apply(([arns, keyArn, repositories, groups]) =>
      policyOf([
        ...readSecrets({ arns, keyArn }, grants.secretArns),
        ...(repositories.length === 0 ? [] : pullStatements(repositories)),
        ...logWriterStatements(groups),
      ]),
    );
}

function pullStatements(repositoryArns: string[]): readonly Statement[] {
  return [
    {
      Sid: 'LogInToEcr',
      Effect: 'Allow',
      // Takes no resource.
      Action: 'ecr:GetAuthorizationToken',
      Resource: '*',
    },
    {
      Sid: 'PullImages',
      Effect: 'Allow',
      Action: [
        'ecr:BatchCheckLayerAvailability',
        'ecr:BatchGetImage',
        'ecr:GetDownloadUrlForLayer',
      ],
      Resource: repositoryArns,
    },
  ];
}
