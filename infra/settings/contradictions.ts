// Settings that are legal alone and wrong together: AWS would refuse them an hour into `up`.
import { isIP } from 'node:net';
import type { Config } from './config';

/** MiB that Fargate offers for each number of CPU units: ECS developer guide, task CPU and memory. */
const FARGATE_MEMORY: Record<number, { from: number; to: number; step: number } | undefined> = {
  256: { from: 512, to: 2048, step: 512 },
  512: { from: 1024, to: 4096, step: 1024 },
  1024: { from: 2048, to: 8192, step: 1024 },
  2048: { from: 4096, to: 16_384, step: 1024 },
  4096: { from: 8192, to: 30_720, step: 1024 },
  8192: { from: 16_384, to: 61_440, step: 4096 },
  16384: { from: 32_768, to: 122_880, step: 8192 },
};

/** A load balancer needs eight free addresses a subnet, and a busy one asks for 27. */
const SMALLEST_SUBNET_MASK = 27;
/** VPC user guide, VPC sizing. */
const VPC_MASKS = { largest: 16, smallest: 28 };

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
  slowerThanCloudFront,
];

function minAboveMax({ minTasks, maxTasks }: Config): string | undefined {
  if (minTasks <= maxTasks) return undefined;
  return `minTasks (${minTasks}) is above maxTasks (${maxTasks}): lower the one or raise the other.`;
}

function fargatePair({ compute, cpu, memory }: Config): string | undefined {
  const offer = FARGATE_MEMORY[cpu];
  if (compute !== 'container' || offer === undefined) return undefined;
  const { from, to, step } = offer;
  // The smallest size alone has 512 MiB and then whole GiB.
  const fits = memory >= from && memory <= to && (memory % step === 0 || memory === from);
  const isOffered = cpu === 256 ? [512, 1024, 2048].includes(memory) : fits;
  if (isOffered) return undefined;
  const legal = cpu === 256 ? '512, 1024 or 2048' : `${from} to ${to} in steps of ${step}`;
  return `memory (${memory}) does not go with cpu (${cpu}): Fargate offers ${legal} MiB.`;
}

function cidrIsABlock({ vpcCidr }: Config): string | undefined {
  const { octets, mask } = parseCidr(vpcCidr);
  const isBlock =
    octets.every((octet) => octet <= 255) &&
    mask >= VPC_MASKS.largest &&
    mask <= VPC_MASKS.smallest &&
    addressOf(octets) % 2 ** (32 - mask) === 0;
  if (isBlock) return undefined;
  return `vpcCidr (${vpcCidr}) is not the start of a block from /16 to /28, such as 10.0.0.0/16.`;
}

function cidrTooSmall({ vpcCidr, zones }: Config): string | undefined {
  const { mask } = parseCidr(vpcCidr);
  const subnetMask = privateSubnetMask(vpcCidr, zones);
  if (subnetMask <= SMALLEST_SUBNET_MASK) return undefined;
  const needed = mask - (subnetMask - SMALLEST_SUBNET_MASK);
  return (
    `vpcCidr (${vpcCidr}) is too small for ${zones} zones: a private subnet would be a /${subnetMask}, ` +
    `and load balancers and tasks need a /${SMALLEST_SUBNET_MASK}. Use a /${needed} or larger.`
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

/** CloudFront waits 30 s for the origin: what the service gives a request must be less. */
function slowerThanCloudFront({ requestTimeoutSeconds }: Config): string | undefined {
  if (requestTimeoutSeconds < 30) return undefined;
  return `requestTimeoutSeconds (${requestTimeoutSeconds}) outlasts CloudFront's 30 s: use 29 or less.`;
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
