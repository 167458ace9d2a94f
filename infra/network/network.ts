// The VPC: private subnets for everything that serves, and ways out that are no ways in.
import * as aws from '@pulumi/aws';
// Not the whole package, whose older components alone take 45 ms to load.
import { Vpc } from '@pulumi/awsx/ec2';
import * as pulumi from '@pulumi/pulumi';
import { zoneSubnets } from '../../contracts/subnets';
import type { EgressTarget } from '../rights/egress';
import { assumedBy, logWriterStatements, policyOf } from '../rights/policy-documents';

/** How tasks reach out. */
export type Egress = 'single' | 'per-az' | 'endpoints';

/** What {@link Network} needs. */
export interface NetworkArgs {
  /** IPv4 block of the VPC; every zone gets a quarter. */
  cidrBlock: string;
  /** Names of the zones to span, three at most. */
  zoneNames: string[];
  /** Home region. */
  region: string;
  /** One NAT gateway, one a zone, or interface endpoints alone. */
  egress: Egress;
  /** Services that get an interface endpoint when `egress` is `endpoints` (`logs`, `ecr.api`, …). */
  endpointServices: readonly string[];
  /** Days that flow logs are kept. */
  logRetentionDays: number;
  /** KMS key of the flow logs. @default CloudWatch's own encryption */
  logKeyArn?: pulumi.Input<string>;
}

const NAT_STRATEGY = { single: 'Single', 'per-az': 'OnePerAz', endpoints: 'None' } as const;

/** The VPC with its flow logs and endpoints. */
export class Network extends pulumi.ComponentResource {
  readonly vpcId: pulumi.Output<string>;
  /** One a zone, without a route from the internet; with `endpoints`, without one to it either. */
  readonly privateSubnetIds: pulumi.Output<string[]>;
  /** What the security groups of tasks may open egress to. */
  readonly egressTargets: EgressTarget[];
  /** Name of the flow logs' group. */
  readonly flowLogGroupName: pulumi.Output<string>;

  constructor(name: string, args: NetworkArgs, opts?: pulumi.ComponentResourceOptions) {
    super('gatehouse:infra:Network', name, {}, opts);
    const vpc = vpcOf(name, args, this);
    this.vpcId = vpc.vpcId;
    this.privateSubnetIds = vpc.privateSubnetIds;
    closeDefaultGroup(name, vpc, this);
    this.flowLogGroupName = flowLogs(name, vpc, args, this);
    const gateways = gatewayEndpoints(name, vpc, args, this);
    this.egressTargets =
      args.egress === 'endpoints'
        ? [interfaceEndpoints(name, vpc, args, this), ...gateways]
        : [{ kind: 'internet' }];
    this.registerOutputs({ vpcId: this.vpcId, privateSubnetIds: this.privateSubnetIds });
  }
}

function vpcOf(name: string, args: NetworkArgs, parent: pulumi.Resource): Vpc {
  const zones = zoneSubnets(args.cidrBlock).slice(0, args.zoneNames.length);
  const hasNat = args.egress !== 'endpoints';
  return new Vpc(
    `${name}-vpc`,
    {
      cidrBlock: args.cidrBlock,
      availabilityZoneNames: args.zoneNames,
      enableDnsHostnames: true,
      enableDnsSupport: true,
      natGateways: { strategy: NAT_STRATEGY[args.egress] },
      subnetStrategy: 'Auto',
      subnetSpecs: [
        // Blocks, not sizes: awsx would cut sizes out of parts whose number is that of the zones.
        { type: 'Private', name: 'private', cidrBlocks: zones.map((zone) => zone.private) },
        ...(hasNat
          ? [{ type: 'Public' as const, name: 'nat', cidrBlocks: zones.map((zone) => zone.nat) }]
          : []),
      ],
    },
    {
      parent,
      transforms: [noPublicAddresses],
    },
  );
}

/**
 * awsx lets public subnets hand out addresses (FSBP EC2.15); the NAT gateways in them bring their
 * own. The engine runs this on the children of the remote component as well.
 */
export function noPublicAddresses({
  type,
  props,
  opts,
}: pulumi.ResourceTransformArgs): pulumi.ResourceTransformResult | undefined {
  if (type !== 'aws:ec2/subnet:Subnet') return undefined;
  return { props: { ...(props as object), mapPublicIpOnLaunch: false }, opts };
}

/** FSBP EC2.2: whatever is started without a group can talk to nobody. */
function closeDefaultGroup(name: string, vpc: Vpc, parent: pulumi.Resource): void {
  new aws.ec2.DefaultSecurityGroup(
    `${name}-default-sg`,
    { vpcId: vpc.vpcId, ingress: [], egress: [] },
    { parent },
  );
}

function flowLogs(
  name: string,
  vpc: Vpc,
  args: NetworkArgs,
  parent: pulumi.Resource,
): pulumi.Output<string> {
  const group = new aws.cloudwatch.LogGroup(
    `${name}-flow-logs`,
    { retentionInDays: args.logRetentionDays, kmsKeyId: args.logKeyArn },
    { parent },
  );
  const role = new aws.iam.Role(
    `${name}-flow-role`,
    {
      description: 'Writes the flow logs of the VPC.',
      assumeRolePolicy: assumedBy('vpc-flow-logs.amazonaws.com'),
    },
    { parent },
  );
  const policy = new aws.iam.RolePolicy(
    `${name}-flow-policy`,
    { role: role.id, policy: group.arn.apply(flowLogPolicy) },
    { parent },
  );
  new aws.ec2.FlowLog(
    `${name}-flow`,
    {
      vpcId: vpc.vpcId,
      trafficType: 'ALL',
      logDestination: group.arn,
      iamRoleArn: role.arn,
      maxAggregationInterval: 600,
    },
    { parent, dependsOn: [policy] },
  );
  return group.name;
}

/** VPC Flow Logs looks its group up by listing; the rest is writing. */
function flowLogPolicy(groupArn: string): string {
  return policyOf([
    ...logWriterStatements([groupArn]),
    {
      Sid: 'FindLogGroup',
      Effect: 'Allow',
      Action: 'logs:DescribeLogGroups',
      Resource: groupArn.replace(/:log-group:.*$/, ':log-group:*'),
    },
  ]);
}

/** Free of charge, and keep S3 (image layers) and DynamoDB off the NAT gateways. */
function gatewayEndpoints(
  name: string,
  vpc: Vpc,
  args: NetworkArgs,
  parent: pulumi.Resource,
): EgressTarget[] {
  const routeTableIds = vpc.routeTables.apply((tables) => tables.map((table) => table.id));
  return ['s3', 'dynamodb'].map((service) => {
    const endpoint = new aws.ec2.VpcEndpoint(
      `${name}-${service}-gateway`,
      {
        vpcId: vpc.vpcId,
        serviceName: `com.amazonaws.${args.region}.${service}`,
        vpcEndpointType: 'Gateway',
        routeTableIds,
      },
      { parent },
    );
    return { kind: 'prefix-list', id: endpoint.prefixListId, of: service };
  });
}

function interfaceEndpoints(
  name: string,
  vpc: Vpc,
  args: NetworkArgs,
  parent: pulumi.Resource,
): EgressTarget {
  const group = new aws.ec2.SecurityGroup(
    `${name}-endpoints-sg`,
    { vpcId: vpc.vpcId, description: 'Interface endpoints of AWS services.' },
    { parent },
  );
  new aws.vpc.SecurityGroupIngressRule(
    `${name}-endpoints-in`,
    {
      securityGroupId: group.id,
      description: 'HTTPS from the VPC.',
      cidrIpv4: args.cidrBlock,
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    },
    { parent },
  );
  for (const service of args.endpointServices) {
    new aws.ec2.VpcEndpoint(
      `${name}-${service.replace('.', '-')}-endpoint`,
      {
        vpcId: vpc.vpcId,
        serviceName: `com.amazonaws.${args.region}.${service}`,
        vpcEndpointType: 'Interface',
        privateDnsEnabled: true,
        subnetIds: vpc.privateSubnetIds,
        securityGroupIds: [group.id],
      },
      { parent },
    );
  }
  return { kind: 'security-group', id: group.id };
}
