// What a stack needs of an account and a machine before its first update, one check each.
import { GetAccountSettingsCommand } from '@aws-sdk/client-lambda';
import { spawnSync } from 'node:child_process';
import gatehouse from '../../infra/index';
import { record } from '../../recorder/record';
import { GLOBAL_REGION, LAMBDA_UNRESERVED_EXECUTIONS } from '../../contracts/aws-limits';
import { isAcceptable, planOf } from '../plan/plan';
import { accountOf, isFault, Region } from './aws';
import { DeployError, type Context } from './io';
import { shortName } from './stack-name';

/** How a check ended: `note` for what nobody can ask AWS, or what AWS does by itself. */
export interface Finding {
  readonly what: string;
  readonly state: 'ok' | 'missing' | 'note';
  readonly detail: string;
}

/** One check. */
export interface Check {
  readonly what: string;
  /** Answers what was found; what it throws is what is missing. */
  readonly find: (patient: Patient) => Promise<string | Omit<Finding, 'what'>>;
}

/** What is looked at. */
export interface Patient {
  readonly context: Context;
  /** Settings by full key, as text. */
  readonly values: Readonly<Record<string, string>>;
  readonly region: Region;
}

/** A new account has 10, which the edge uses up at once: it answers 503 then (quotas page of Lambda). */
const FEWEST_EXECUTIONS = 100;
/** https://docs.aws.amazon.com/general/latest/gr/ecs-service.html, "Fargate On-Demand vCPU resource count". */
const FARGATE_VCPU = 'L-3032A538';
/** https://docs.aws.amazon.com/general/latest/gr/ec2-service.html, "EC2-VPC Elastic IPs". */
const ELASTIC_IPS = 'L-0263D0A3';

const SERVICE_ROLES = {
  AWSServiceRoleForECS: 'ecs.amazonaws.com',
  AWSServiceRoleForElasticLoadBalancing: 'elasticloadbalancing.amazonaws.com',
  AWSServiceRoleForApplicationAutoScaling_ECSService: 'ecs.application-autoscaling.amazonaws.com',
};

/** What a stack needs, in the order in which people can do something about it. */
export const CHECKS: readonly Check[] = [
  {
    what: 'Pulumi command line',
    async find({ context }) {
      const { version, user } = await context.engine.account();
      return `${version}, logged in as ${user}`;
    },
  },
  {
    what: 'Stack in the backend',
    async find({ context }) {
      const [latest] = await context.engine.history(1);
      return latest === undefined
        ? 'there, never deployed'
        : `last ${latest.kind} ${latest.result}`;
    },
  },
  {
    what: 'Program and settings',
    async find({ context }) {
      const plan = planOf(await record(shortName(context.stack), { program: gatehouse }));
      if (isAcceptable(plan)) return `${plan.resources.length} resources, policies hold`;
      throw new DeployError(
        `a mandatory policy is violated: "npm run plan -- --stack ${shortName(context.stack)}" says which`,
      );
    },
  },
  {
    what: 'Docker with buildx',
    find({ values }) {
      if ((values['gatehouse:image'] ?? '') !== '' || values['gatehouse:compute'] === 'lambda') {
        return Promise.resolve('not needed: no image is built here');
      }
      const { status, stdout } = spawnSync('docker', ['buildx', 'version'], { encoding: 'utf8' });
      if (status === 0) return Promise.resolve(stdout.trim());
      throw new DeployError(
        'the image is built by it: install Docker, or name an image that exists (`gatehouse:image`)',
      );
    },
  },
  {
    what: 'AWS credentials',
    async find({ region }) {
      const { id, arn } = await accountOf(region);
      return `account ${id}, ${arn}`;
    },
  },
  {
    what: 'Lambda concurrency',
    async find() {
      const { AccountLimit } = await new Region(GLOBAL_REGION)
        .lambda()
        .send(new GetAccountSettingsCommand({}));
      const executions = AccountLimit?.ConcurrentExecutions ?? 0;
      if (executions >= FEWEST_EXECUTIONS) return `${executions} executions at a time`;
      throw new DeployError(
        `${executions} executions at a time in ${GLOBAL_REGION}, and the edge answers 503 beyond: ask for 1000 at ` +
          'Service Quotas, AWS Lambda, "Concurrent executions", in every region that callers are near',
      );
    },
  },
  {
    what: 'Lambda reservation',
    find: reservation,
  },
  {
    what: 'Fargate capacity',
    async find({ values, region }) {
      const wanted =
        (Number(values['gatehouse:cpu']) / 1024) * Number(values['gatehouse:maxTasks']) * 2;
      return quota(
        region,
        'fargate',
        FARGATE_VCPU,
        wanted,
        'vCPU, twice maxTasks during a deployment',
      );
    },
  },
  {
    what: 'Elastic IP addresses',
    async find({ values, region }) {
      const egress = values['gatehouse:egress'];
      const wanted =
        egress === 'per-az' ? Number(values['gatehouse:zones']) : egress === 'single' ? 1 : 0;
      return quota(region, 'ec2', ELASTIC_IPS, wanted, 'for NAT gateways, besides those in use');
    },
  },
  ...Object.entries(SERVICE_ROLES).map(([role, service]) => ({
    what: role,
    async find({ region }: Patient) {
      try {
        await region.query('iam', { Action: 'GetRole', Version: '2010-05-08', RoleName: role });
        return 'there';
      } catch (error) {
        if (!isFault(error, 'NoSuchEntity')) throw error;
        return {
          state: 'note' as const,
          detail: `AWS makes it at first use if you may; else "aws iam create-service-linked-role --aws-service-name ${service}"`,
        };
      }
    },
  })),
  {
    what: 'Hosted zone',
    async find({ values, region }) {
      const zone = values['gatehouse:hostedZone'] ?? '';
      if (zone === '') return 'not needed: no domain of its own';
      const path = `/2013-04-01/hostedzonesbyname?dnsname=${encodeURIComponent(zone)}&maxitems=1`;
      const answer = await region.read('route53', path);
      if (answer.includes(`<Name>${zone}.</Name>`)) return zone;
      throw new DeployError(
        `Route 53 has no zone ${zone} in this account, so the certificate can never be validated: make it, or set gatehouse:hostedZone`,
      );
    },
  },
  {
    what: 'CloudFront',
    find: () =>
      Promise.resolve({
        state: 'note',
        detail:
          'a fresh account may have to be verified by AWS Support before its first distribution; nothing tells before',
      }),
  },
];

/** Whether the executions that the stack reserves for its function can be had. */
export async function reservation({
  values,
  region,
}: Pick<Patient, 'values' | 'region'>): Promise<string> {
  const wanted = Number(values['gatehouse:lambdaConcurrency'] ?? 0);
  if (values['gatehouse:compute'] !== 'lambda' || wanted === 0) {
    return 'not needed: none is asked for (gatehouse:lambdaConcurrency)';
  }
  const { AccountLimit } = await region.lambda().send(new GetAccountSettingsCommand({}));
  const free = AccountLimit?.UnreservedConcurrentExecutions ?? 0;
  const sum = `${wanted} wanted, ${free} without a reservation`;
  if (free - wanted >= LAMBDA_UNRESERVED_EXECUTIONS) return sum;
  throw new DeployError(
    `${sum}, and Lambda refuses one that leaves fewer than ${LAMBDA_UNRESERVED_EXECUTIONS}: ask for more at ` +
      'Service Quotas, AWS Lambda, "Concurrent executions", or set gatehouse:lambdaConcurrency to 0',
  );
}

async function quota(
  region: Region,
  ServiceCode: string,
  QuotaCode: string,
  wanted: number,
  unit: string,
): Promise<string> {
  const { Quota } = await region.json<{ Quota: { Value: number } }>(
    'servicequotas',
    'ServiceQuotasV20190624.GetServiceQuota',
    { ServiceCode, QuotaCode },
  );
  if (Quota.Value >= wanted) return `${Quota.Value} allowed, ${wanted} wanted (${unit})`;
  throw new DeployError(
    `${Quota.Value} allowed, and ${wanted} wanted (${unit}): ask for more at Service Quotas, code ${QuotaCode}`,
  );
}
