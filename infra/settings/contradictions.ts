// Settings that are legal alone and wrong together: AWS would refuse them an hour into `up`.
import { isIP } from 'node:net';
import { BALANCER_SUBNET_PREFIX, FARGATE_MEMORY, VPC_PREFIX } from '../../contracts/aws-limits';
import type { Config } from './config';

type Check = (config: Config) => string | undefined;

/** Every contradiction, each with what to do about it. */
export function contradictions(config: Config): string[] {
  return CHECKS.map((check) => check(config)).filter((problem) => problem !== undefined);
}

const CHECKS: readonly Check[] = [
  minAboveMax,
  fargatePair,
  cidrIsABlock,
  cidrTooSmall,
  domainNeedsZone,
  domainOutsideZone,
  homeIsNoReplica,
  allowedBlocks,
  ownImageWithoutInternet,
  lambdaRunsNoImage,
  protectedStackOfOneTask,
];

function minAboveMax({ minTasks, maxTasks }: Config): string | undefined {
  if (minTasks <= maxTasks) return undefined;
  return `minTasks (${minTasks}) is above maxTasks (${maxTasks}): lower the one or raise the other.`;
}

function fargatePair({ compute, cpu, memory }: Config): string | undefined {
  const offer = FARGATE_MEMORY[cpu] ?? [];
  if (compute !== 'container' || offer.includes(memory)) return undefined;
  return `memory (${memory}) does not go with cpu (${cpu}): Fargate offers ${ranged(offer)} MiB.`;
}

/** `512, 1024, 2048`, or `2048 to 8192 in steps of 1024` where there are many. */
function ranged(sizes: readonly number[]): string {
  const [first = 0, second = 0] = sizes;
  if (sizes.length <= 4) return sizes.join(', ');
  return `${first} to ${sizes.at(-1)} in steps of ${second - first}`;
}

function cidrIsABlock({ vpcCidr }: Config): string | undefined {
  const { octets, mask } = parseCidr(vpcCidr);
  const isBlock =
    octets.every((octet) => octet <= 255) &&
    mask >= VPC_PREFIX.min &&
    mask <= VPC_PREFIX.max &&
    addressOf(octets) % 2 ** (32 - mask) === 0;
  if (isBlock) return undefined;
  return `vpcCidr (${vpcCidr}) is not the start of a block from /16 to /28, such as 10.0.0.0/16.`;
}

function cidrTooSmall({ vpcCidr, zones }: Config): string | undefined {
  const { mask } = parseCidr(vpcCidr);
  const subnetMask = privateSubnetMask(vpcCidr, zones);
  if (subnetMask <= BALANCER_SUBNET_PREFIX) return undefined;
  const needed = mask - (subnetMask - BALANCER_SUBNET_PREFIX);
  return (
    `vpcCidr (${vpcCidr}) is too small for ${zones} zones: a private subnet would be a /${subnetMask}, ` +
    `and load balancers and tasks need a /${BALANCER_SUBNET_PREFIX}. Use a /${needed} or larger.`
  );
}

function domainNeedsZone({ domain, hostedZone }: Config): string | undefined {
  if ((domain === undefined) === (hostedZone === undefined)) return undefined;
  return domain === undefined
    ? 'hostedZone is set without domain: set domain to a name in it, or remove hostedZone.'
    : 'domain is set without hostedZone: name the Route 53 zone that holds it; the certificate is validated there.';
}

function domainOutsideZone({ domain, hostedZone }: Config): string | undefined {
  if (domain === undefined || hostedZone === undefined) return undefined;
  if (domain === hostedZone || domain.endsWith(`.${hostedZone}`)) return undefined;
  return `domain (${domain}) is not in hostedZone (${hostedZone}): no record could be made for it.`;
}

function homeIsNoReplica({ region, replicaRegions }: Config): string | undefined {
  if (!replicaRegions.includes(region)) return undefined;
  return `replicaRegions contains the home region ${region}: leave it out, it has the table itself.`;
}

function allowedBlocks({ allowedCidrs }: Config): string | undefined {
  const wrong = allowedCidrs.filter((cidr) => {
    const [address = '', mask] = cidr.split('/');
    const longest = { 0: 0, 4: 32, 6: 128 }[isIP(address)] ?? 0;
    // WAF takes no /0: developer guide, IP sets.
    return Number(mask) < 1 || Number(mask) > longest;
  });
  if (wrong.length === 0) return undefined;
  return `allowedCidrs has ${wrong.join(', ')}: WAF takes IPv4 blocks from /1 to /32 and IPv6 blocks from /1 to /128.`;
}

function ownImageWithoutInternet({ compute, egress, image, region }: Config): string | undefined {
  if (compute !== 'container' || egress !== 'endpoints' || image === undefined) return undefined;
  if (image.includes(`.dkr.ecr.${region}.amazonaws.com/`)) return undefined;
  return (
    `image (${image}) cannot be pulled with egress "endpoints", which has no way to the internet: ` +
    `push it to ECR in ${region}, or use egress "single" or "per-az".`
  );
}

function lambdaRunsNoImage({ compute, image }: Config): string | undefined {
  if (compute !== 'lambda' || image === undefined) return undefined;
  return 'image is set with compute "lambda", which runs the shipped service: use compute "container", or remove image.';
}

/** Two tasks in two zones: one zone may fail without an outage. */
function protectedStackOfOneTask({ compute, protect, minTasks }: Config): string | undefined {
  if (compute !== 'container' || !protect || minTasks >= 2) return undefined;
  return 'minTasks is 1 on a protected stack: use 2 or more, so that one zone may fail, or set protect to false.';
}

/** Half of a zone's part of the VPC: the rest is for the NAT subnet and for what may come. */
export function privateSubnetMask(vpcCidr: string, zones: number): number {
  return parseCidr(vpcCidr).mask + Math.ceil(Math.log2(zones)) + 1;
}

function parseCidr(cidr: string): { octets: number[]; mask: number } {
  const [address = '', mask = ''] = cidr.split('/');
  return { octets: address.split('.').map(Number), mask: Number(mask) };
}

function addressOf(octets: readonly number[]): number {
  return octets.reduce((address, octet) => address * 256 + octet, 0);
}
