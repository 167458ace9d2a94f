// Plausible answers to what a program asks of providers: the account, zones, look-ups by name.
import { hex, RECORDED_ACCOUNT, uuid } from './digests';

/** Answers of data sources (`aws.getX`) that the program calls. */
export function plausibleInvoke(
  token: string,
  inputs: Record<string, unknown>,
  region: string,
): Record<string, unknown> {
  switch (token) {
    case 'aws:index/getCallerIdentity:getCallerIdentity':
      return {
        accountId: RECORDED_ACCOUNT,
        arn: `arn:aws:iam::${RECORDED_ACCOUNT}:root`,
        id: RECORDED_ACCOUNT,
      };
    case 'aws:index/getRegion:getRegion':
      return { region, id: region };
    case 'aws:index/getPartition:getPartition':
      return { partition: 'aws', id: 'aws', dnsSuffix: 'amazonaws.com' };
    case 'aws:index/getAvailabilityZones:getAvailabilityZones':
      return {
        names: [...'abcdef'].slice(0, zoneCount(region)).map((letter) => `${region}${letter}`),
        zoneIds: Array.from(
          { length: zoneCount(region) },
          (_, index) => `${zoneIdPrefix(region)}-az${index + 1}`,
        ),
      };
    case 'aws:ecr/getAuthorizationToken:getAuthorizationToken':
      return { userName: 'AWS', password: 'recorded', proxyEndpoint: 'https://recorded' };
    case 'aws:cloudfront/getCachePolicy:getCachePolicy':
    case 'aws:cloudfront/getOriginRequestPolicy:getOriginRequestPolicy':
    case 'aws:cloudfront/getResponseHeadersPolicy:getResponseHeadersPolicy':
      return { ...inputs, id: uuid(String(inputs.name)) };
    case 'aws:ec2/getSecurityGroup:getSecurityGroup':
      return { ...inputs, id: `sg-${hex(String(inputs.name), 17)}` };
    case 'aws:ec2/getManagedPrefixList:getManagedPrefixList':
      return { ...inputs, id: `pl-${hex(String(inputs.name), 8)}` };
    case 'aws:route53/getZone:getZone':
      return { ...inputs, zoneId: `Z${hex(JSON.stringify(inputs), 13).toUpperCase()}` };
    default:
      return { ...inputs, id: `${token}-recorded` };
  }
}

/** Most regions have three zones: AWS global infrastructure, regions and zones. */
function zoneCount(region: string): number {
  const more: Record<string, number | undefined> = {
    'ap-northeast-1': 4,
    'ap-northeast-2': 4,
    'us-east-1': 6,
    'us-west-2': 4,
  };
  return more[region] ?? 3;
}

/** `eu-central-1` becomes `euc1`, as in AWS's zone ids. */
function zoneIdPrefix(region: string): string {
  const [area = '', direction = '', number = ''] = region.split('-');
  const short =
    direction.length > 5 ? direction.replace(/(north|south)(east|west)/, '$1 $2') : direction;
  const letters = short
    .split(' ')
    .map((word) => word.charAt(0))
    .join('');
  return `${area}${letters}${number}`;
}
