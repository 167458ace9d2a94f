// The roles of CI: who may take them, what they can and what they can't, by the evaluator of IAM.
import { stackOf } from '../../../infra/testing/stacks';
import { record } from '../../../recorder/record';
import { evaluate, type AccessRequest } from '../../iam/evaluate';
import { deployPolicy, lookPolicy, SERVICES, trustPolicy } from './ci-policies';
import program from './index';

const ROLE = (name: string) => `arn:aws:iam::123456789012:role/${name}`;
const STATE = { stateBucket: 'acme-state' };

const can = (document: unknown, request: AccessRequest): boolean =>
  evaluate([JSON.stringify(document)], request).allowed;

describe('trustPolicy', () => {
  const subject = 'repo:acme/gatehouse:environment:prod';
  const { Version, Statement } = trustPolicy('arn:provider', subject);
  // A trust policy has no resource: it is the role itself.
  const document = { Version, Statement: Statement.map((one) => ({ ...one, Resource: '*' })) };
  const take = (sub: string, aud = 'sts.amazonaws.com') =>
    can(document, {
      action: 'sts:AssumeRoleWithWebIdentity',
      resource: ROLE('gh-ci-prod-deploy'),
      context: {
        'token.actions.githubusercontent.com:sub': sub,
        'token.actions.githubusercontent.com:aud': aud,
      },
    });

  it('lets in the environment of the repository, and nobody else', () => {
    expect(take(subject)).toBe(true);
    for (const other of [
      'repo:acme/gatehouse:environment:dev',
      'repo:acme/gatehouse:ref:refs/heads/main',
      'repo:acme/gatehouse:pull_request',
      'repo:mallory/gatehouse:environment:prod',
      'repo:acme/gatehouse-fork:environment:prod',
    ]) {
      expect([other, take(other)]).toEqual([other, false]);
    }
    expect(take(subject, 'https://github.com/mallory')).toBe(false);
  });
});

describe('deployPolicy', () => {
  const passTo = (service: string) => ({ context: { 'iam:PassedToService': service } });
  it.each<[string, boolean, AccessRequest]>([
    ['makes services', true, { action: 'ecs:CreateService', resource: '*' }],
    [
      'makes roles of the stack',
      true,
      { action: 'iam:CreateRole', resource: ROLE('gh-task-role-1') },
    ],
    ['makes no other role', false, { action: 'iam:CreateRole', resource: ROLE('admin') }],
    [
      'hands a role to ECS',
      true,
      {
        action: 'iam:PassRole',
        resource: ROLE('gh-task-role-1'),
        ...passTo('ecs-tasks.amazonaws.com'),
      },
    ],
    [
      'hands no role to EC2',
      false,
      { action: 'iam:PassRole', resource: ROLE('gh-task-role-1'), ...passTo('ec2.amazonaws.com') },
    ],
    [
      'attaches no policy of an administrator',
      false,
      {
        action: 'iam:AttachRolePolicy',
        resource: ROLE('gh-task-role-1'),
        context: { 'iam:PolicyARN': 'arn:aws:iam::aws:policy/AdministratorAccess' },
      },
    ],
    [
      "attaches Lambda's own",
      true,
      {
        action: 'iam:AttachRolePolicy',
        resource: ROLE('gh-api-role-1'),
        context: {
          'iam:PolicyARN': 'arn:aws:iam::aws:policy/service-role/AWSLambdaVPCAccessExecutionRole',
        },
      },
    ],
    [
      'does not widen itself',
      false,
      { action: 'iam:PutRolePolicy', resource: ROLE('gh-ci-prod-deploy-1') },
    ],
    [
      'does not let others take it',
      false,
      { action: 'iam:UpdateAssumeRolePolicy', resource: ROLE('gh-ci-prod-deploy-1') },
    ],
    [
      'finds a sweep that was left to a schedule',
      true,
      {
        action: 'scheduler:GetSchedule',
        resource: 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/gh-later-0123456789ab',
      },
    ],
    [
      'makes no schedule',
      false,
      {
        action: 'scheduler:CreateSchedule',
        resource: 'arn:aws:scheduler:us-east-1:123456789012:schedule/default/gh-later-0123456789ab',
      },
    ],
    ['makes no user', false, { action: 'iam:CreateUser', resource: '*' }],
    ['makes no access key', false, { action: 'iam:CreateAccessKey', resource: '*' }],
    ['takes no other role', false, { action: 'sts:AssumeRole', resource: ROLE('admin') }],
    ['starts no training job', false, { action: 'sagemaker:CreateTrainingJob', resource: '*' }],
    [
      'reads no record of a table',
      false,
      {
        action: 'dynamodb:Scan',
        resource: 'arn:aws:dynamodb:eu-central-1:123456789012:table/gh-users',
      },
    ],
    ['writes the state', true, { action: 's3:PutObject', resource: 'arn:aws:s3:::acme-state/x' }],
  ])('%s', (_sentence, expected, request) => {
    expect(can(deployPolicy(STATE), request)).toBe(expected);
  });

  it('hands every role of the program to the service that takes it', async () => {
    const trusted = new Set<string>();
    for (const config of [{}, { compute: 'lambda' }, { deployment: 'canary' }]) {
      const { resources } = (await stackOf('dev', config)).recording;
      for (const { type, inputs } of resources) {
        if (type !== 'aws:iam/role:Role') continue;
        for (const [service] of String(inputs.assumeRolePolicy).matchAll(
          /[\w-]+\.amazonaws\.com/g,
        )) {
          trusted.add(service);
        }
      }
    }
    expect(trusted.size).toBeGreaterThan(3);
    const handed = (service: string): boolean =>
      can(deployPolicy(STATE), {
        action: 'iam:PassRole',
        resource: ROLE('gh-task-role-1'),
        ...passTo(service),
      });
    expect([...trusted].filter((service) => !handed(service))).toEqual([]);
  });

  it('knows every service of which the program makes something', async () => {
    const prefixes: Record<string, string> = {
      alb: 'elasticloadbalancing',
      apigatewayv2: 'apigateway',
      appautoscaling: 'application-autoscaling',
      lb: 'elasticloadbalancing',
      vpc: 'ec2',
    };
    for (const config of [{}, { compute: 'lambda' }]) {
      const { resources } = (await stackOf('dev', config)).recording;
      const used = resources.flatMap(({ type }) => /^aws:([^/]+)\//.exec(type)?.[1] ?? []);
      const needed = new Set(used.map((module) => prefixes[module] ?? module));
      needed.delete('iam');
      expect([...needed].filter((service) => !SERVICES.includes(service))).toEqual([]);
      expect(needed.size).toBeGreaterThan(10);
    }
  });
});

describe('lookPolicy', () => {
  const all = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }],
  };
  const look = (request: AccessRequest) =>
    evaluate([JSON.stringify(all), JSON.stringify(lookPolicy(STATE))], request).allowed;

  it("takes callers' data out of what reading everything would show", () => {
    expect(look({ action: 'ecs:DescribeServices', resource: '*' })).toBe(true);
    expect(
      look({ action: 'dynamodb:Query', resource: 'arn:aws:dynamodb:x:1:table/gh-users' }),
    ).toBe(false);
    expect(look({ action: 's3:GetObject', resource: 'arn:aws:s3:::gh-logs-1/alb/x' })).toBe(false);
    expect(look({ action: 's3:GetObject', resource: 'arn:aws:s3:::acme-state/x' })).toBe(true);
  });
});

describe('the program', () => {
  it('makes two roles for one repository, and answers their ARNs', async () => {
    const { resources, outputs } = await record('prod', {
      program,
      config: { repository: 'acme/gatehouse', stack: 'prod', stateBucket: 'acme-state' },
    });
    const trusts = resources
      .filter(({ type }) => type === 'aws:iam/role:Role')
      .map(({ inputs }) => String(inputs.assumeRolePolicy));
    expect(trusts).toEqual([
      expect.stringContaining('repo:acme/gatehouse:ref:refs/heads/main'),
      expect.stringContaining('repo:acme/gatehouse:environment:prod'),
    ]);
    expect(Object.keys(outputs)).toEqual(['AWS_CHANGE_ROLE', 'AWS_DEPLOY_ROLE']);
  });
});
