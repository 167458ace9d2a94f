// EC2 in the account of a test: regions, VPCs, gateways, security groups that can't be deleted at once.
import { found, remove, type Fields, type Operation } from './aws-operation';
import { Fault } from './aws-protocols';

/** Values of `Filter.1.Name=…&Filter.1.Value.1=…` by name. */
function ec2Filters(input: Fields): Record<string, string> {
  const filters: Record<string, string> = {};
  for (let index = 1; typeof input[`Filter.${index}.Name`] === 'string'; index++) {
    filters[input[`Filter.${index}.Name`] as string] = String(input[`Filter.${index}.Value.1`]);
  }
  return filters;
}

export const NETWORK_OPERATIONS: Readonly<Record<string, Operation>> = {
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
};
