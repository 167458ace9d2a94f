// What each API of the test's account does, by service and operation.
import { Fault, type Call } from './aws-protocols';
import type { Account } from './aws-account';
import { ECS_OPERATIONS } from './aws-ecs';
import { LATER_OPERATIONS } from './aws-later';

type Fields = Record<string, unknown>;

/** One operation: changes the account and answers. */
export type Operation = (account: Account, call: Call) => Fields;

function arnOf(service: string, region: string, resource: string): string {
  return `arn:aws:${service}:${region}:123456789012:${resource}`;
}

function hasTags(tags: Readonly<Record<string, string>>, filters: unknown): boolean {
  return (filters as { Key: string; Values: string[] }[]).every(({ Key, Values }) =>
    Values.includes(tags[Key] ?? ''),
  );
}

function remove<T>(list: T[], item: T): void {
  list.splice(list.indexOf(item), 1);
}

/** Values of `Filter.1.Name=…&Filter.1.Value.1=…` by name. */
function ec2Filters(input: Fields): Record<string, string> {
  const filters: Record<string, string> = {};
  for (let index = 1; typeof input[`Filter.${index}.Name`] === 'string'; index++) {
    filters[input[`Filter.${index}.Name`] as string] = String(input[`Filter.${index}.Value.1`]);
  }
  return filters;
}

function found<T>(item: T | undefined, code: string, what: unknown): T {
  if (item === undefined) throw new Fault(code, `${String(what)} does not exist.`, 404);
  return item;
}

const table = ({ tables }: Account, { region, input }: Call) =>
  found(
    tables.find((one) => one.region === region && one.name === input.TableName),
    'ResourceNotFoundException',
    input.TableName,
  );

const key = ({ keys }: Account, { region, input }: Call) =>
  found(
    keys.find((one) => one.region === region && String(input.KeyId).endsWith(one.id)),
    'NotFoundException',
    input.KeyId,
  );

const lambdaFunction = ({ functions }: Account, { input }: Call) =>
  found(
    functions.find(({ name }) => name === input.FunctionName),
    'ResourceNotFoundException',
    input.FunctionName,
  );

const logGroup = ({ logGroups }: Account, { region, input }: Call) =>
  found(
    logGroups.find(
      (group) => group.region === region && group.name === (input.logGroupName as string),
    ),
    'ResourceNotFoundException',
    input.logGroupName,
  );

const bucket = ({ buckets }: Account, { input }: Call) =>
  found(
    buckets.find(({ name }) => name === input.Bucket),
    'NoSuchBucket',
    input.Bucket,
  );

const repository = ({ repositories }: Account, { input }: Call) =>
  found(
    repositories.find(({ name }) => name === input.repositoryName),
    'RepositoryNotFoundException',
    input.repositoryName,
  );

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...ECS_OPERATIONS,
  ...LATER_OPERATIONS,
  'sts.GetCallerIdentity': ({ id }) => ({
    Arn: `arn:aws:sts::${id}:assumed-role/admin/you`,
    UserId: 'AROA:you',
    Account: id,
  }),

  'tagging.GetResources': (account, { region, input }) => {
    const everything = [
      ...account.tagged,
      ...account.functions.map(({ name, tags }) => ({
        region: 'us-east-1',
        arn: arnOf('lambda', 'us-east-1', `function:${name}`),
        tags,
      })),
      ...account.logGroups.map(({ region: home, name, tags }) => ({
        region: home,
        arn: arnOf('logs', home, `log-group:${name}`),
        tags,
      })),
      ...account.vpcs.map(({ id, tags }) => ({
        region: 'eu-central-1',
        arn: arnOf('ec2', 'eu-central-1', `vpc/${id}`),
        tags,
      })),
      ...account.tables.map(({ region: home, name, tags }) => ({
        region: home,
        arn: arnOf('dynamodb', home, `table/${name}`),
        tags,
      })),
      ...account.keys.map(({ region: home, id, tags }) => ({
        region: home,
        arn: arnOf('kms', home, `key/${id}`),
        tags,
      })),
    ].filter((one) => one.region === region && hasTags(one.tags, input.TagFilters));
    // Pages of two: whoever reads only the first misses the rest.
    const from = Number(input.PaginationToken ?? 0);
    const more = from + 2 < everything.length;
    return {
      ResourceTagMappingList: everything
        .slice(from, from + 2)
        .map(({ arn }) => ({ ResourceARN: arn, Tags: [] })),
      PaginationToken: more ? String(from + 2) : '',
    };
  },

  'lambda.GetFunction': (account, call) => ({
    Configuration: { FunctionName: lambdaFunction(account, call).name },
  }),
  'lambda.DeleteFunction': (account, call) => {
    const one = lambdaFunction(account, call);
    if (one.refusals > 0) {
      one.refusals--;
      throw new Fault(
        'InvalidParameterValueException',
        `Lambda was unable to delete ${arnOf('lambda', 'us-east-1', `function:${one.name}`)}:1 because it is a replicated function.`,
      );
    }
    remove(account.functions, one);
    return {};
  },
  'lambda.GetAccountSettings': ({ concurrency }) => ({
    AccountLimit: {
      ConcurrentExecutions: concurrency,
      UnreservedConcurrentExecutions: concurrency,
    },
  }),

  'logs.DescribeLogGroups': ({ logGroups }, { region, input }) => ({
    logGroups: logGroups
      .filter(
        (group) =>
          group.region === region &&
          group.name.startsWith((input.logGroupNamePrefix as string) ?? ''),
      )
      .map(({ name }) => ({ logGroupName: name })),
  }),
  'logs.DeleteLogGroup': (account, call) => {
    remove(account.logGroups, logGroup(account, call));
    return {};
  },
  'logs.FilterLogEvents': (account, call) => {
    const { startTime = 0, filterPattern = '' } = call.input as Fields & {
      startTime?: number;
      filterPattern?: string;
    };
    const wanted = filterPattern.replaceAll('"', '');
    return {
      events: (logGroup(account, call).events ?? [])
        .filter(({ timestamp, message }) => timestamp >= startTime && message.includes(wanted))
        .map((event, index) => ({
          ...event,
          eventId: `${call.region}-${index}-${event.timestamp}`,
        })),
    };
  },
  'logs.GetLogEvents': (account, call) => ({
    events: (logGroup(account, call).events ?? []).filter(
      ({ logStreamName }) => logStreamName === call.input.logStreamName,
    ),
  }),

  'ec2.DescribeRegions': ({ regions, switchedOff }) => ({
    regionInfo: {
      item: [
        ...regions.map((regionName) => ({ regionName, optInStatus: 'opt-in-not-required' })),
        ...switchedOff.map((regionName) => ({ regionName, optInStatus: 'not-opted-in' })),
      ],
    },
  }),
  'ec2.DescribeVpcs': ({ vpcs }, { input }) => {
    const { id } = found(
      vpcs.find((vpc) => vpc.id === input['VpcId.1']),
      'InvalidVpcID.NotFound',
      input['VpcId.1'],
    );
    return { vpcSet: { item: [{ vpcId: id }] } };
  },
  'ec2.DescribeNatGateways': (_account, { input }) => ({
    // A gateway that was deleted is listed for an hour.
    natGatewaySet: { item: [{ natGatewayId: input['NatGatewayId.1'], state: 'deleted' }] },
  }),
  'ec2.DescribeSecurityGroups': ({ groups }, { input }) => {
    const filters = ec2Filters(input);
    return {
      securityGroupInfo: {
        item: groups
          .filter(
            ({ name, vpcId }) => filters['vpc-id'] === vpcId && filters['group-name'] === name,
          )
          .map(({ id, name, vpcId }) => ({ groupId: id, groupName: name, vpcId })),
      },
    };
  },
  'ec2.DeleteSecurityGroup': ({ groups }, { input }) => {
    const group = found(
      groups.find(({ id }) => id === input.GroupId),
      'InvalidGroup.NotFound',
      input.GroupId,
    );
    if (group.refusals > 0) {
      group.refusals--;
      throw new Fault('DependencyViolation', `resource ${group.id} has a dependent object`);
    }
    remove(groups, group);
    return { return: true };
  },
  'ec2.DeleteVpc': ({ vpcs, groups }, { input }) => {
    const vpc = found(
      vpcs.find(({ id }) => id === input.VpcId),
      'InvalidVpcID.NotFound',
      input.VpcId,
    );
    if (groups.some(({ vpcId }) => vpcId === vpc.id)) {
      throw new Fault('DependencyViolation', `The vpc '${vpc.id}' has dependencies.`);
    }
    remove(vpcs, vpc);
    return { return: true };
  },

  'dynamodb.DescribeTable': (account, call) => {
    const one = table(account, call);
    return {
      Table: {
        TableName: one.name,
        TableStatus: one.status ?? 'ACTIVE',
        ItemCount: 42,
        DeletionProtectionEnabled: one.protected,
      },
    };
  },
  'dynamodb.UpdateTable': (account, call) => {
    table(account, call).protected = call.input.DeletionProtectionEnabled === true;
    return {};
  },
  'dynamodb.DeleteTable': (account, call) => {
    const one = table(account, call);
    if (one.protected) {
      throw new Fault('ValidationException', 'Resource cannot be deleted as it is protected.');
    }
    remove(account.tables, one);
    return {};
  },

  'kms.DescribeKey': (account, call) => {
    const one = key(account, call);
    return { KeyMetadata: { KeyId: one.id, KeyState: one.state } };
  },
  'kms.ScheduleKeyDeletion': (account, call) => {
    key(account, call).state = 'PendingDeletion';
    return {};
  },

  's3.ListObjectVersions': (account, call) => {
    const { objects } = bucket(account, call);
    return { IsTruncated: objects.length > 2, Version: objects.slice(0, 2) };
  },
  's3.ListObjectsV2': (account, call) => {
    const all = bucket(account, call).objects.filter(({ Key }) =>
      Key.startsWith(String(call.input.prefix)),
    );
    // One a page: whoever reads only the first misses the rest.
    const start = Number(call.input['continuation-token'] ?? 0);
    return {
      Contents: all
        .slice(start, start + 1)
        .map(({ Key, modified }) => ({ Key, LastModified: modified })),
      ...(start + 1 < all.length ? { NextContinuationToken: String(start + 1) } : {}),
    };
  },
  's3.GetObject': (account, call) => {
    const { body } = found(
      bucket(account, call).objects.find(({ Key }) => Key === call.input.Key),
      'NoSuchKey',
      call.input.Key,
    );
    return { object: body };
  },
  's3.DeleteObjects': (account, call) => {
    const one = bucket(account, call);
    const versions = [...String(call.input.body).matchAll(/<VersionId>([^<]*)</g)].map((m) => m[1]);
    one.objects = one.objects.filter(({ VersionId }) => !versions.includes(VersionId));
    return {};
  },

  'ecr.ListImages': (account, call) => ({
    imageIds: repository(account, call).images.map((imageDigest) => ({ imageDigest })),
  }),
  'ecr.BatchDeleteImage': (account, call) => {
    const gone = (call.input.imageIds as { imageDigest: string }[]).map((id) => id.imageDigest);
    const one = repository(account, call);
    one.images = one.images.filter((digest) => !gone.includes(digest));
    return { failures: [] };
  },

  'elasticloadbalancing.ModifyLoadBalancerAttributes': (account, { input }) => {
    const value = input['Attributes.member.1.Value'];
    const arn = input.LoadBalancerArn as string;
    account.protectedBalancers = account.protectedBalancers.filter((one) => one !== arn);
    if (value === 'true') account.protectedBalancers.push(arn);
    return {};
  },
  'elasticloadbalancing.DescribeRules': ({ weights }) => ({
    Rules: {
      member: {
        Actions: {
          member: {
            Type: 'forward',
            ForwardConfig: {
              TargetGroups: {
                member: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({
                  ...{ TargetGroupArn, Weight },
                })),
              },
            },
          },
        },
      },
    },
  }),

  'route53.ListHostedZonesByName': ({ zones }, { input }) => ({
    HostedZones: {
      HostedZone: zones
        .filter((zone) => zone === `${String(input.dnsname)}.`)
        .map((zone) => ({ Id: '/hostedzone/Z1', Name: zone })),
    },
  }),
  'servicequotas.GetServiceQuota': ({ quotas }, { input }) => ({
    Quota: { Value: quotas[input.QuotaCode as string] ?? 1000, QuotaName: input.QuotaCode },
  }),
  'monitoring.DescribeAlarms': ({ alarms }, { region, input }) => ({
    MetricAlarms: alarms
      .filter(
        ({ region: home, name }) =>
          home === region && ((input.AlarmNames as string[] | undefined) ?? [name]).includes(name),
      )
      .map(({ name, state, reason }) => ({
        AlarmName: name,
        StateValue: state,
        StateReason: reason,
      })),
    CompositeAlarms: [],
  }),
};
