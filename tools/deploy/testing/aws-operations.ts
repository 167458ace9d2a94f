// What each API of the test's account does, by service and operation.
import { ECS_OPERATIONS } from './aws-ecs';
import { FUNCTION_OPERATIONS } from './aws-functions';
import { LATER_OPERATIONS } from './aws-later';
import { NETWORK_OPERATIONS } from './aws-network';
import { arnOf, type Operation } from './aws-operation';
import { STORE_OPERATIONS } from './aws-stores';

function hasTags(tags: Readonly<Record<string, string>>, filters: unknown): boolean {
  return (filters as { Key: string; Values: string[] }[]).every(({ Key, Values }) =>
    Values.includes(tags[Key] ?? ''),
  );
}

export const OPERATIONS: Readonly<Record<string, Operation>> = {
  ...ECS_OPERATIONS,
  ...LATER_OPERATIONS,
  ...FUNCTION_OPERATIONS,
  ...NETWORK_OPERATIONS,
  ...STORE_OPERATIONS,
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
