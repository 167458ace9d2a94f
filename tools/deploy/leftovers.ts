// Finds by tag and by name what AWS still has of a stack, in every region of the account.
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeRegionsCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import { GLOBAL_REGION } from '../../contracts/aws-limits';
import { Region } from './aws';
import { helperName } from './later/helper';
import type { Inventory, Located } from './inventory';
import { exists, KINDS, leftover, type Leftover } from './leftover';

/** Everything that is still there, and where nobody could look. */
export interface Leftovers {
  readonly found: readonly Leftover[];
  /** Regions that were looked at. */
  readonly seen: readonly string[];
  /** Regions that are switched off in the account: what is there can't be seen or deleted. */
  readonly unseen: readonly string[];
}

/** By whom to look. */
export interface Trail {
  readonly project: string;
  readonly stack: string;
  /** Home region of the stack. */
  readonly region: string;
  readonly inventory: Inventory;
}

/** CloudFront makes it with the first VPC origin of a VPC, without any tag, and it blocks the VPC. */
const VPC_ORIGIN_GROUP = 'CloudFront-VPCOrigins-Service-SG';

/** Looks everywhere. @throws the error of AWS when it can't be asked. */
export async function findLeftovers(trail: Trail): Promise<Leftovers> {
  const { seen, unseen } = await regionsOf(trail.region);
  const tagged = (await Promise.all(seen.map((name) => taggedIn(new Region(name), trail)))).flat();
  const { inventory } = trail;
  const named: [Leftover['kind'], readonly Located[]][] = [
    ['edge-function', inventory.functions.map((id) => ({ region: GLOBAL_REGION, id }))],
    ['vpc', inventory.vpcs],
    ['table', inventory.tables],
    ['helper', [{ region: GLOBAL_REGION, id: helperName(trail.project, trail.stack) }]],
    ['key', inventory.keys.map(({ region, id }) => ({ region, id: id.replace(/^.*key\//, '') }))],
  ];
  const known = unique([
    ...tagged,
    ...named.flatMap(([kind, places]) => places.map((place) => leftover(kind, place))),
  ]);
  const bound = await Promise.all([
    ...seen.map((name) => edgeLogGroups(new Region(name), edgeFunctions(known, inventory))),
    ...known.filter(({ kind }) => kind === 'vpc').map(vpcOriginGroups),
  ]);
  const all = unique([...known, ...bound.flat()]);
  const there = await Promise.all(all.map(exists));
  return {
    found: all
      .filter((_item, index) => there[index])
      .sort((a, b) => KINDS.indexOf(a.kind) - KINDS.indexOf(b.kind)),
    seen,
    unseen,
  };
}

function unique(items: readonly Leftover[]): Leftover[] {
  return [
    ...new Map(items.map((item) => [`${item.kind} ${item.region} ${item.id}`, item])).values(),
  ];
}

function edgeFunctions(known: readonly Leftover[], { functions }: Inventory): string[] {
  const tagged = known.filter(({ kind }) => kind === 'edge-function').map(({ id }) => id);
  // A group that carries the tags names its function, even when that is gone.
  const logged = known.flatMap(({ id }) => /^\/aws\/lambda\/us-east-1\.(.+)$/.exec(id)?.[1] ?? []);
  return [...new Set([...functions, ...tagged, ...logged])];
}

async function regionsOf(home: string): Promise<{ seen: string[]; unseen: string[] }> {
  const { Regions = [] } = await new Region(home)
    .ec2()
    .send(new DescribeRegionsCommand({ AllRegions: true }));
  const names = (isOff: boolean): string[] =>
    Regions.filter(({ OptInStatus }) => (OptInStatus === 'not-opted-in') === isOff)
      .map(({ RegionName = '' }) => RegionName)
      .sort();
  return { seen: names(false), unseen: names(true) };
}

interface TagPage {
  readonly ResourceTagMappingList?: readonly { readonly ResourceARN: string }[];
  readonly PaginationToken?: string;
}

async function taggedIn(region: Region, { project, stack }: Trail): Promise<Leftover[]> {
  const arns: string[] = [];
  let token = '';
  do {
    const page: TagPage = await region.json(
      'tagging',
      'ResourceGroupsTaggingAPI_20170126.GetResources',
      {
        TagFilters: [
          { Key: 'project', Values: [project] },
          { Key: 'stack', Values: [stack] },
        ],
        ...(token === '' ? {} : { PaginationToken: token }),
      },
    );
    arns.push(...(page.ResourceTagMappingList ?? []).map(({ ResourceARN }) => ResourceARN));
    token = page.PaginationToken ?? '';
  } while (token !== '');
  return arns.map((arn) => ofArn(arn, region.name));
}

function ofArn(arn: string, region: string): Leftover {
  const [, , service, , , ...rest] = arn.split(':');
  const resource = rest.join(':');
  const known: [Leftover['kind'], string, RegExp][] = [
    ['edge-function', 'lambda', /^function:(.+)$/],
    ['log-group', 'logs', /^log-group:(.+?)(?::\*)?$/],
    ['vpc', 'ec2', /^vpc\/(.+)$/],
    ['table', 'dynamodb', /^table\/([^/]+)$/],
    ['key', 'kms', /^key\/(.+)$/],
  ];
  for (const [kind, of, pattern] of known) {
    const id = of === service ? pattern.exec(resource)?.[1] : undefined;
    if (id !== undefined) return leftover(kind, { region, id });
  }
  return leftover('other', { region, id: arn });
}

async function edgeLogGroups(region: Region, functions: readonly string[]): Promise<Leftover[]> {
  const found = await Promise.all(
    functions.map(async (name) => {
      const prefix = `/aws/lambda/${GLOBAL_REGION}.${name}`;
      const { logGroups = [] } = await region
        .logs()
        .send(new DescribeLogGroupsCommand({ logGroupNamePrefix: prefix }));
      // A prefix is no name: that of another function may begin alike.
      return logGroups.filter(({ logGroupName }) => logGroupName === prefix);
    }),
  );
  return found
    .flat()
    .map(({ logGroupName = '' }) =>
      leftover('log-group', { region: region.name, id: logGroupName }),
    );
}

async function vpcOriginGroups({ region, id }: Leftover): Promise<Leftover[]> {
  const { SecurityGroups = [] } = await new Region(region).ec2().send(
    new DescribeSecurityGroupsCommand({
      Filters: [
        { Name: 'vpc-id', Values: [id] },
        { Name: 'group-name', Values: [VPC_ORIGIN_GROUP] },
      ],
    }),
  );
  return SecurityGroups.map(({ GroupId = '' }) =>
    leftover('vpc-origin-group', { region, id: GroupId }),
  );
}
