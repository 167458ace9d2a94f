// How the address block of a VPC is cut: the same whatever the stack's zones and egress are.
import { BALANCER_SUBNET_PREFIX } from './aws-limits';

/** Zones that there is room for; the fourth quarter of the block is left for what may come. */
export const MOST_ZONES = 3;

/** Bits by which a private subnet is smaller than the VPC: a quarter a zone, and half of that. */
const PRIVATE_BITS = 3;

/** Prefix length of a NAT gateway's subnet: the smallest that AWS makes. */
const NAT_PREFIX = 28;

/** Prefix length of the smallest VPC whose private subnets take a load balancer. */
export const LONGEST_VPC_PREFIX = BALANCER_SUBNET_PREFIX - PRIVATE_BITS;

/** Blocks of one zone. */
export interface ZoneSubnets {
  /** For everything that serves. */
  readonly private: string;
  /** For the NAT gateway, where there is one; nothing else is ever placed there. */
  readonly nat: string;
}

/**
 * Blocks of the zones, first to third. They depend on nothing but the VPC's own block: a zone that
 * is added or removed, or another way out, moves no subnet of another zone.
 * @param vpcCidr The start of a block, as `10.0.0.0/16`.
 */
export function zoneSubnets(vpcCidr: string): ZoneSubnets[] {
  const [address = '', prefix] = vpcCidr.split('/');
  const base = address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
  const privatePrefix = Number(prefix) + PRIVATE_BITS;
  const half = 2 ** (32 - privatePrefix);
  return Array.from({ length: MOST_ZONES }, (_, zone) => ({
    private: block(base + zone * 2 * half, privatePrefix),
    nat: block(base + (zone * 2 + 1) * half, NAT_PREFIX),
  }));
}

function block(address: number, prefix: number): string {
  const octets = [24, 16, 8, 0].map((shift) => Math.floor(address / 2 ** shift) % 256);
  return `${octets.join('.')}/${prefix}`;
}
