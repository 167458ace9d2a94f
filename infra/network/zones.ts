// Chooses the availability zones: those that a VPC origin can be made in.

import * as pulumi from '@pulumi/pulumi';

/**
 * Zones in which CloudFront cannot place a VPC origin, by zone id (a name such as `us-east-1a` is
 * another zone in every account).
 * https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-vpc-origins.html
 */
const ZONES_WITHOUT_VPC_ORIGINS = ['use1-az3', 'usw1-az2', 'apne1-az3', 'apne2-az1', 'cac1-az3'];

/** The zones of a region as AWS lists them: names and ids in the same order. */
export interface ZoneList {
  readonly names: readonly string[];
  readonly zoneIds: readonly string[];
}

/**
 * The first `count` zones that a VPC origin can be made in, in AWS's order.
 * @throws Error when the region has fewer.
 */
export function chooseZones(zones: ZoneList, count: number, region: string): string[] {
  const usable = zones.names.filter(
    (_, index) => !ZONES_WITHOUT_VPC_ORIGINS.includes(zones.zoneIds[index] ?? ''),
  );
  if (usable.length < count) {
    throw new pulumi.RunError(
      `${region} has ${usable.length} zone(s) that a CloudFront VPC origin can be made in ` +
        `(${usable.join(', ') || 'none'}), and gatehouse:zones asks for ${count}: ` +
        'lower gatehouse:zones or choose another region.',
    );
  }
  return usable.slice(0, count);
}
