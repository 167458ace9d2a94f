// Rules of permissions: named actions on named resources, and roles that only the intended may assume.
import { at } from './inputs';
import { allowed, ROLE_POLICIES, texts } from './role-policies';
import { resourceRule, type Rule, unless } from './rule';

const ROLE = 'aws:iam/role:Role';

/**
 * Actions that take no resource, by AWS's service authorization reference.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/
 */
const WITHOUT_RESOURCE = [
  'ecr:GetAuthorizationToken',
  'xray:PutTraceSegments',
  'xray:PutTelemetryRecords',
  'xray:GetSamplingRules',
  'xray:GetSamplingTargets',
  'kms:CreateKey',
  'elasticloadbalancing:DescribeListeners',
  'elasticloadbalancing:DescribeRules',
  'elasticloadbalancing:DescribeTargetGroups',
  'elasticloadbalancing:DescribeTargetHealth',
];

/**
 * Lambda makes a function in a VPC only if its role may do these on every resource; the function's
 * own code has no need of them and must be denied them.
 * https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-best-practice
 */
const OF_LAMBDA_IN_A_VPC =
  /^ec2:((Assign|Unassign)PrivateIpAddresses|(Create|Delete)NetworkInterface|Describe(NetworkInterfaces|Subnets))$/;

/** Actions that a document denies to the code of a function, while Lambda itself may do them. */
function deniedToCode(document: unknown): string[] {
  return allowed(document, 'Deny')
    .filter((statement) =>
      JSON.stringify(at(statement, 'Condition') ?? {}).includes('"lambda:SourceFunctionArn"'),
    )
    .flatMap((statement) => texts(at(statement, 'Action')));
}

const noWildcardAction = resourceRule({
  name: 'no-wildcard-action',
  description: 'Policies name the actions that they allow (IAM.1, IAM.21).',
  types: ROLE_POLICIES,
  faults: ({ inputs }) =>
    allowed(inputs.policy).flatMap((statement) => {
      const wild = texts(at(statement, 'Action')).filter((action) => action.includes('*'));
      return [
        ...wild.map((action) => `allows ${action}. Name each action that is needed.`),
        ...unless(
          at(statement, 'NotAction') === undefined,
          'allows all actions but some (NotAction). Name each action that is needed.',
        ),
      ];
    }),
});

const noWildcardResource = resourceRule({
  name: 'no-wildcard-resource',
  description:
    'Policies name the resources that they allow, wherever AWS takes an ARN (CKV_AWS_355).',
  types: ROLE_POLICIES,
  faults: ({ inputs }) =>
    allowed(inputs.policy).flatMap((statement) => {
      const isEverything =
        texts(at(statement, 'Resource')).includes('*') ||
        at(statement, 'NotResource') !== undefined;
      // A condition on the resource's tag is as narrow as an ARN, for what is not made yet.
      const isTagBound = /"(aws:ResourceTag|aws:RequestTag|kms:ResourceAliases)\//.test(
        JSON.stringify(at(statement, 'Condition') ?? {}),
      );
      const open = texts(at(statement, 'Action')).filter(
        (action) =>
          !WITHOUT_RESOURCE.includes(action) &&
          !(OF_LAMBDA_IN_A_VPC.test(action) && deniedToCode(inputs.policy).includes(action)),
      );
      return unless(
        !isEverything || isTagBound || open.length === 0,
        `allows ${open.join(', ')} on every resource. Name the ARNs.`,
      );
    }),
});

const noEscalation = resourceRule({
  name: 'no-privilege-escalation',
  description: 'No role of the stack may change permissions or pass roles on (CKV_AWS_286, _289).',
  types: ROLE_POLICIES,
  faults: ({ name, inputs }) => {
    // The deploy role exists to change the stack; its trust is bound to repository and branch.
    if (/-(ci|deploy)(-|$)/.test(name)) return [];
    return allowed(inputs.policy)
      .flatMap((statement) => texts(at(statement, 'Action')))
      .filter((action) => /^(iam|sts):/i.test(action))
      .map((action) => `allows ${action}. A running service needs no say in permissions.`);
  },
});

const trustIsNamed = resourceRule({
  name: 'trust-named',
  description:
    'Roles are assumed by named services, or by OIDC bound to a repository (CKV_AWS_358).',
  types: [ROLE],
  faults: ({ inputs }) =>
    allowed(inputs.assumeRolePolicy).flatMap((statement) => {
      const principal = at(statement, 'Principal');
      const isOidc = at(principal, 'Federated') !== undefined;
      const subjects = Object.entries(at(statement, 'Condition') ?? {}).flatMap(([, conditions]) =>
        Object.entries(conditions as object)
          .filter(([key]) => key.endsWith(':sub'))
          .flatMap(([, value]) => texts(value)),
      );
      const isBound =
        subjects.length > 0 &&
        subjects.every((subject) => /^repo:[^*]+\/[^*]+:[^*]+$/.test(subject));
      return [
        ...unless(
          !isEverybody(statement),
          'may be assumed by everybody. Name the service or account.',
        ),
        ...unless(
          !isOidc || isBound,
          'may be assumed by any repository. Bind its subject (sub) to repo:owner/name:ref….',
        ),
      ];
    }),
});

/** Managed policies of AWS that give more than any service needs. */
const BROAD_POLICY =
  /:policy\/(.*\/)?(AdministratorAccess|PowerUserAccess|IAMFullAccess|\w*FullAccess)/;

const noBroadManagedPolicy = resourceRule({
  name: 'no-managed-policy',
  description: 'No role has one of the broad managed policies of AWS (IAM.1, CKV_AWS_274).',
  types: [
    ROLE,
    'aws:iam/rolePolicyAttachment:RolePolicyAttachment',
    'aws:iam/policyAttachment:PolicyAttachment',
    'aws:iam/rolePolicyAttachmentsExclusive:RolePolicyAttachmentsExclusive',
  ],
  faults: ({ inputs }) =>
    [inputs.policyArn, inputs.policyArns, inputs.managedPolicyArns]
      .flatMap(texts)
      .filter((arn) => BROAD_POLICY.test(arn))
      .map((arn) => `has ${arn}. Name the actions and resources that are needed instead.`),
});

const RESOURCE_POLICIES = [
  'aws:s3/bucketPolicy:BucketPolicy',
  'aws:sns/topicPolicy:TopicPolicy',
  'aws:sqs/queuePolicy:QueuePolicy',
  'aws:ecr/repositoryPolicy:RepositoryPolicy',
  'aws:secretsmanager/secretPolicy:SecretPolicy',
];

const resourcePolicyIsNotPublic = resourceRule({
  name: 'resource-policy-not-public',
  description: 'No bucket, topic, queue, repository or secret is open to everybody (S3.2, SNS.4).',
  types: RESOURCE_POLICIES,
  faults: ({ inputs }) =>
    unless(
      !allowed(inputs.policy).some(
        (statement) => at(statement, 'Condition') === undefined && isEverybody(statement),
      ),
      'is open to everybody. Name the account or service, or the condition that it is bound to.',
    ),
});

function isEverybody(statement: unknown): boolean {
  const principal = at(statement, 'Principal');
  return principal === '*' || texts(at(principal, 'AWS')).includes('*');
}

/** All rules of permissions. */
export const IAM_RULES: readonly Rule[] = [
  noWildcardAction,
  noWildcardResource,
  noEscalation,
  trustIsNamed,
  noBroadManagedPolicy,
  resourcePolicyIsNotPublic,
];
