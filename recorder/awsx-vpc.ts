// What awsx makes of a VPC: its children, registered as the real component registers them (awsx 3.9).
// https://github.com/pulumi/pulumi-awsx/blob/v3.8.0/awsx/ec2/vpc.ts

/** A resource that a remote component registers. */
export interface ChildRegistration {
  readonly type: string;
  readonly name: string;
  /** URN of its parent. */
  readonly parent: string;
  readonly inputs: Record<string, unknown>;
  /** URNs of what must be there before. */
  readonly dependencies: readonly string[];
}

/** A registered child: its URN, and the id that others name it by. */
export interface Child {
  readonly urn: string;
  readonly id: string;
}

/** Registers a child as the engine does. */
export type Register = (child: ChildRegistration) => Promise<Child>;

/** The inputs of the component that decide what it makes. */
interface VpcInputs {
  readonly cidrBlock?: string;
  readonly enableDnsHostnames?: boolean;
  readonly enableDnsSupport?: boolean;
  readonly availabilityZoneNames?: readonly string[];
  readonly natGateways?: { readonly strategy?: string };
  readonly subnetSpecs?: readonly SubnetSpec[];
}

interface SubnetSpec {
  readonly type: string;
  readonly name?: string;
  readonly cidrBlocks?: readonly string[];
}

interface Subnet extends Child {
  readonly name: string;
  readonly type: string;
  readonly tags: Record<string, string>;
}

/** The component at the moment of its registration. */
export interface VpcRegistration {
  readonly urn: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/**
 * Registers the children of an `awsx.ec2.Vpc` and gives the component's outputs.
 * @throws Error when the subnets are not given by their blocks: how awsx cuts sizes out of the VPC
 *   is not known here.
 */
export async function registerVpc(
  component: VpcRegistration,
  register: Register,
): Promise<Record<string, unknown>> {
  const { name, urn } = component;
  const {
    availabilityZoneNames: zones = [],
    subnetSpecs = [],
    ...inputs
  }: VpcInputs = component.inputs;
  const vpc = await register({
    type: 'aws:ec2/vpc:Vpc',
    name,
    parent: urn,
    inputs: {
      cidrBlock: inputs.cidrBlock,
      enableDnsHostnames: inputs.enableDnsHostnames,
      enableDnsSupport: inputs.enableDnsSupport,
      tags: { Name: name },
    },
    dependencies: [],
  });
  const gateway = await register({
    type: 'aws:ec2/internetGateway:InternetGateway',
    name,
    parent: vpc.urn,
    inputs: { tags: { Name: name }, vpcId: vpc.id },
    dependencies: [vpc.urn],
  });
  const strategy = inputs.natGateways?.strategy ?? 'OnePerAz';
  const ids: Record<'Public' | 'Private', string[]> = { Public: [], Private: [] };
  const natGateways: Child[] = [];
  const routeTables: { id: string }[] = [];
  for (const [index, zone] of zones.entries()) {
    // Public subnets first: the way out of the private ones leads through their NAT gateways.
    for (const type of ['Public', 'Private'] as const) {
      for (const spec of subnetSpecs.filter((each) => each.type === type)) {
        const subnet = await registerSubnet({ component, vpc, spec, zone, index }, register);
        ids[type].push(subnet.id);
        const wantsNat = strategy === 'OnePerAz' || (strategy === 'Single' && index === 0);
        if (type === 'Public' && wantsNat) {
          natGateways.push(await registerNat(`${name}-${index + 1}`, subnet, register));
        }
        const nat = strategy === 'Single' ? natGateways[0] : natGateways[index];
        const way = type === 'Public' ? { gatewayId: gateway } : { natGatewayId: nat };
        routeTables.push({ id: await registerRoutes(vpc, subnet, way, register) });
      }
    }
  }
  return {
    vpcId: vpc.id,
    publicSubnetIds: ids.Public,
    privateSubnetIds: ids.Private,
    isolatedSubnetIds: [],
    routeTables,
    natGateways: natGateways.map(({ id }) => ({ id })),
  };
}

async function registerSubnet(
  place: {
    component: VpcRegistration;
    vpc: Child;
    spec: SubnetSpec;
    zone: string;
    index: number;
  },
  register: Register,
): Promise<Subnet> {
  const { component, vpc, spec, zone, index } = place;
  const cidrBlock = spec.cidrBlocks?.[index];
  if (cidrBlock === undefined) {
    throw new Error(
      `${component.name}: subnetSpecs give no block for ${zone}. Offline no sizes are known: ` +
        'give each spec its cidrBlocks, one a zone.',
    );
  }
  const name = `${component.name}-${spec.name ?? spec.type.toLowerCase()}-${index + 1}`;
  const tags = { Name: name, SubnetType: spec.type };
  const child = await register({
    type: 'aws:ec2/subnet:Subnet',
    name,
    parent: vpc.urn,
    inputs: {
      assignIpv6AddressOnCreation: false,
      availabilityZone: zone,
      cidrBlock,
      mapPublicIpOnLaunch: spec.type === 'Public',
      tags,
      vpcId: vpc.id,
    },
    dependencies: [vpc.urn],
  });
  return { ...child, name, type: spec.type, tags };
}

async function registerNat(name: string, subnet: Subnet, register: Register): Promise<Child> {
  const address = await register({
    type: 'aws:ec2/eip:Eip',
    name,
    parent: subnet.urn,
    inputs: { tags: { Name: name } },
    dependencies: [subnet.urn],
  });
  return register({
    type: 'aws:ec2/natGateway:NatGateway',
    name,
    parent: subnet.urn,
    inputs: { allocationId: address.id, subnetId: subnet.id, tags: { Name: name } },
    dependencies: [subnet.urn, address.urn],
  });
}

/** A route table with its one route, if there is a way out; returns the table's id. */
async function registerRoutes(
  vpc: Child,
  { urn, id, name, tags }: Subnet,
  way: Record<string, Child | undefined>,
  register: Register,
): Promise<string> {
  const table = await register({
    type: 'aws:ec2/routeTable:RouteTable',
    name,
    parent: urn,
    inputs: { tags, vpcId: vpc.id },
    dependencies: [urn, vpc.urn],
  });
  await register({
    type: 'aws:ec2/routeTableAssociation:RouteTableAssociation',
    name,
    parent: table.urn,
    inputs: { routeTableId: table.id, subnetId: id },
    dependencies: [table.urn, urn],
  });
  for (const [property, target] of Object.entries(way)) {
    if (target === undefined) continue;
    await register({
      type: 'aws:ec2/route:Route',
      name,
      parent: table.urn,
      inputs: {
        destinationCidrBlock: '0.0.0.0/0',
        [property]: target.id,
        routeTableId: table.id,
      },
      dependencies: [table.urn, target.urn],
    });
  }
  return table.id;
}
