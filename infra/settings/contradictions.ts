// Settings that are legal alone and wrong together: AWS would refuse them an hour into `up`.
import { isAddressBlock } from '../../contracts/address-block';
import { BALANCER_SUBNET_PREFIX, FARGATE_MEMORY, VPC_PREFIX } from '../../contracts/aws-limits';
import { acceptedSecrets } from '../../contracts/origin-secret';
import { LONGEST_VPC_PREFIX } from '../../contracts/subnets';
import type { Values } from './settings';

/** One contradiction, and the settings that it is about. */
interface Check {
  readonly of: readonly (keyof Values)[];
  readonly problem: (values: Values) => string | undefined;
}

/** A check sees no other setting than those that it names. */
function check<K extends keyof Values>(
  of: readonly K[],
  problem: (values: Pick<Values, K>) => string | undefined,
): Check {
  return { of, problem };
}

/**
 * Every contradiction, each with what to do about it.
 * @param wrong Settings whose values are wrong already: what is about them would only confuse.
 */
export function contradictions(values: Values, wrong: readonly string[] = []): string[] {
  return CHECKS.filter(({ of }) => !of.some((key) => wrong.includes(key)))
    .map(({ problem }) => problem(values))
    .filter((problem) => problem !== undefined);
}

const CHECKS: readonly Check[] = [
  check(['image', 'workload', 'service'], ({ image, workload, service }) => {
    if (image === undefined || workload !== undefined || service !== undefined) return undefined;
    return (
      'image is set, and nothing says what the platform must know of it: name its workload file ' +
      '(workload: orders/workload.yaml), or the folder here that it was built from (service: service).'
    );
  }),
  check(['workload', 'image'], ({ workload, image }) => {
    if (workload === undefined || image !== undefined) return undefined;
    return (
      `workload (${workload}) is set without image: name what runs ` +
      '(image: registry/repository@sha256:…).'
    );
  }),
  check(['workload', 'service'], ({ workload, service }) => {
    if (workload === undefined || service === undefined) return undefined;
    return (
      `workload (${workload}) and service (${service}) are both set, and each says what the ` +
      'platform must know: remove one of them.'
    );
  }),
  check(['compute', 'image'], ({ compute, image }) => {
    if (compute !== 'lambda' || image === undefined) return undefined;
    return (
      'image is set with compute "lambda": Lambda takes an image from ECR in its own region alone, ' +
      "and only one that speaks Lambda's runtime API, and a plan can see neither. " +
      'Use compute "fargate", or remove image.'
    );
  }),
  check(['image', 'compute', 'egress', 'region'], ({ image, compute, egress, region }) => {
    if (compute !== 'fargate' || egress !== 'endpoints' || image === undefined) return undefined;
    if (image.includes(`.dkr.ecr.${region}.amazonaws.com/`)) return undefined;
    return (
      `image (${image}) cannot be pulled with egress "endpoints", which has no way to the internet: ` +
      `push it to ECR in ${region}, or use egress "single" or "per-az".`
    );
  }),
  check(['minTasks', 'maxTasks'], ({ minTasks, maxTasks }) => {
    if (minTasks <= maxTasks) return undefined;
    return `minTasks (${minTasks}) is above maxTasks (${maxTasks}): lower the one or raise the other.`;
  }),
  check(['compute', 'protect', 'minTasks'], ({ compute, protect, minTasks }) => {
    if (compute !== 'fargate' || !protect || minTasks >= 2) return undefined;
    return 'minTasks is 1 on a protected stack: use 2 or more, so that one zone may fail, or set protect to false.';
  }),
  check(['compute', 'cpu', 'memory'], ({ compute, cpu, memory }) => {
    const offer = FARGATE_MEMORY[cpu] ?? [];
    if (compute !== 'fargate' || offer.includes(memory)) return undefined;
    return `memory (${memory}) does not go with cpu (${cpu}): Fargate offers ${ranged(offer)} MiB.`;
  }),
  check(['originSecret', 'originSecretSent'], ({ originSecret, originSecretSent }) => {
    if (originSecretSent === 0 || acceptedSecrets(originSecret).includes(originSecretSent)) {
      return undefined;
    }
    return (
      `originSecretSent (${originSecretSent}) is none that the service takes: with originSecret ` +
      `${originSecret} it takes ${acceptedSecrets(originSecret).join(' and ')}.`
    );
  }),
  check(['vpcCidr'], ({ vpcCidr }) => {
    const { octets, mask } = parseCidr(vpcCidr);
    const isBlock =
      octets.every((octet) => octet <= 255) &&
      mask >= VPC_PREFIX.min &&
      mask <= VPC_PREFIX.max &&
      addressOf(octets) % 2 ** (32 - mask) === 0;
    if (isBlock) return undefined;
    return `vpcCidr (${vpcCidr}) is not the start of a block from /16 to /28, such as 10.0.0.0/16.`;
  }),
  check(['vpcCidr'], ({ vpcCidr }) => {
    const { mask } = parseCidr(vpcCidr);
    if (mask <= LONGEST_VPC_PREFIX) return undefined;
    return (
      `vpcCidr (${vpcCidr}) is too small: a quarter of it goes to each zone, and load balancers and ` +
      `tasks need half of that to be a /${BALANCER_SUBNET_PREFIX}. Use a /${LONGEST_VPC_PREFIX} or larger.`
    );
  }),
  check(['domain', 'hostedZone'], ({ domain, hostedZone }) => {
    if ((domain === undefined) === (hostedZone === undefined)) return undefined;
    return domain === undefined
      ? 'hostedZone is set without domain: set domain to a name in it, or remove hostedZone.'
      : 'domain is set without hostedZone: name the Route 53 zone that holds it; the certificate is validated there.';
  }),
  check(['domain', 'hostedZone'], ({ domain, hostedZone }) => {
    if (domain === undefined || hostedZone === undefined) return undefined;
    if (domain === hostedZone || domain.endsWith(`.${hostedZone}`)) return undefined;
    return `domain (${domain}) is not in hostedZone (${hostedZone}): no record could be made for it.`;
  }),
  check(['region', 'replicaRegions'], ({ region, replicaRegions }) => {
    if (!replicaRegions.includes(region)) return undefined;
    return `replicaRegions contains the home region ${region}: leave it out, it has the table itself.`;
  }),
  check(['allowedCidrs'], ({ allowedCidrs }) => {
    // WAF takes no /0: developer guide, IP sets.
    const wrong = allowedCidrs.filter((cidr) => !isAddressBlock(cidr));
    if (wrong.length === 0) return undefined;
    return `allowedCidrs has ${wrong.join(', ')}: WAF takes IPv4 blocks from /1 to /32 and IPv6 blocks from /1 to /128.`;
  }),
  check(['deployment', 'compute'], ({ deployment, compute }) => {
    if (compute === 'fargate' || deployment === 'rolling') return undefined;
    return (
      `deployment is ${deployment} with compute "${compute}": ECS shifts requests between two sets of ` +
      'tasks, and there are none. Use compute "fargate", or deployment "rolling".'
    );
  }),
  check(
    ['deployment', 'scalingTaskCount', 'compute'],
    ({ deployment, scalingTaskCount, compute }) => {
      if (compute !== 'fargate' || deployment === 'rolling') return undefined;
      if (scalingTaskCount === 'desired') return undefined;
      return (
        `scalingTaskCount is healthy with deployment "${deployment}": each of the two target groups counts ` +
        'its own, and while both serve neither is the number that load is divided by. ' +
        'Use scalingTaskCount "desired", or deployment "rolling".'
      );
    },
  ),
  check(
    ['containerInsights', 'scalingTaskCount', 'compute'],
    ({ containerInsights, scalingTaskCount, compute }) => {
      if (compute !== 'fargate' || containerInsights !== 'disabled') return undefined;
      if (scalingTaskCount === 'healthy') return undefined;
      return (
        'scalingTaskCount is desired, which AWS reports with Container Insights only: ' +
        'set containerInsights to enabled, or scalingTaskCount to healthy.'
      );
    },
  ),
];

/** Secrets that a stack without a way to the internet can't read: endpoints lead to their region alone. */
export function secretsOutOfReach(
  { egress, region }: Pick<Values, 'egress' | 'region'>,
  secrets: Readonly<Record<string, string>>,
): string[] {
  if (egress !== 'endpoints') return [];
  return Object.entries(secrets)
    .filter(([, arn]) => arn.split(':')[3] !== region)
    .map(
      ([name, arn]) =>
        `secrets.${name} (${arn}) cannot be read with egress "endpoints", which leads to ${region} ` +
        'alone: keep it there, or use egress "single" or "per-az".',
    );
}

/** `512, 1024, 2048`, or `2048 to 8192 in steps of 1024` where there are many. */
function ranged(sizes: readonly number[]): string {
  const [first = 0, second = 0] = sizes;
  if (sizes.length <= 4) return sizes.join(', ');
  return `${first} to ${sizes.at(-1)} in steps of ${second - first}`;
}

function parseCidr(cidr: string): { octets: number[]; mask: number } {
  const [address = '', mask = ''] = cidr.split('/');
  return { octets: address.split('.').map(Number), mask: Number(mask) };
}

function addressOf(octets: readonly number[]): number {
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}
