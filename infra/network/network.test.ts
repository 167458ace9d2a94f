// Tests of the VPC and its ways out.
import { noPublicAddresses } from './network';
import { stackOf } from '../testing/stacks';

describe('Network', () => {
  it.each([
    ['single', 'Single', 2],
    ['per-az', 'OnePerAz', 2],
    ['endpoints', 'None', 1],
  ])('lays egress %s out', async (egress, strategy, specs) => {
    const vpc = (await stackOf('prod', { egress })).inputs('awsx:ec2:Vpc');
    expect(vpc).toMatchObject({
      cidrBlock: '10.0.0.0/16',
      availabilityZoneNames: ['eu-central-1a', 'eu-central-1b', 'eu-central-1c'],
      natGateways: { strategy },
      subnetStrategy: 'Auto',
    });
    expect(vpc.subnetSpecs).toHaveLength(specs);
  });

  it('hands out no public address, not even in the subnets of its NAT gateways', async () => {
    const subnets = (await stackOf('prod')).all('ec2/subnet:Subnet');
    expect(subnets).toHaveLength(6);
    for (const { inputs } of subnets) expect(inputs.mapPublicIpOnLaunch).toBe(false);
  });

  it('spans two zones in dev', async () => {
    const vpc = (await stackOf('dev')).inputs('awsx:ec2:Vpc');
    expect(vpc.availabilityZoneNames).toHaveLength(2);
    expect(vpc).toHaveProperty('natGateways.strategy', 'Single');
  });

  it('writes all flows down, encrypted, for as long as the stack keeps logs', async () => {
    const view = await stackOf('prod');
    const group = view.one('logGroup:LogGroup', '-flow-logs');
    expect(group.inputs).toEqual({
      retentionInDays: 365,
      kmsKeyId: view.one('kms/key:Key', '-telemetry').outputs.arn,
    });
    expect(view.inputs(':FlowLog')).toMatchObject({
      trafficType: 'ALL',
      logDestination: group.outputs.arn,
      vpcId: view.one('awsx:ec2:Vpc').outputs.vpcId,
    });
    expect(view.rights('-flow-policy').WriteOwnLogs?.Resource).toEqual([
      `${String(group.outputs.arn)}:*`,
    ]);
  });

  it('reaches S3 and DynamoDB by gateways that cost nothing, on every route table', async () => {
    const view = await stackOf('dev');
    const gateways = view.all(':VpcEndpoint');
    expect(gateways.map(({ inputs }) => [inputs.serviceName, inputs.vpcEndpointType])).toEqual([
      ['com.amazonaws.eu-central-1.s3', 'Gateway'],
      ['com.amazonaws.eu-central-1.dynamodb', 'Gateway'],
    ]);
    const tables = view.all('ec2/routeTable:RouteTable').map(({ outputs }) => outputs.id);
    expect(tables).toHaveLength(4);
    for (const { inputs } of gateways) expect(inputs.routeTableIds).toEqual(tables);
  });

  it('admits to its interface endpoints HTTPS from the VPC', async () => {
    const view = await stackOf('prod', { egress: 'endpoints' });
    expect(view.inputs(':SecurityGroupIngressRule', '-endpoints-in')).toMatchObject({
      cidrIpv4: '10.0.0.0/16',
      ipProtocol: 'tcp',
      fromPort: 443,
      toPort: 443,
    });
  });

  it('describes every rule of every group', async () => {
    const view = await stackOf('prod', { egress: 'endpoints' });
    const rules = [
      ...view.all(':SecurityGroupIngressRule'),
      ...view.all(':SecurityGroupEgressRule'),
      ...view.all('ec2/securityGroup:SecurityGroup'),
    ];
    expect(rules.filter(({ inputs }) => typeof inputs.description !== 'string')).toEqual([]);
  });

  it('pitfall 23: keeps what matters out of awsx, where neither tests nor policies see it', async () => {
    const view = await stackOf('prod');
    expect(view.recording.resources.filter(({ type }) => type.startsWith('awsx:'))).toHaveLength(1);
    expect(view.all(':DefaultSecurityGroup')).toHaveLength(1);
  });
});

describe('a change on a running stack', () => {
  interface Layout {
    zones: number;
    egress: string;
    vpcCidr: string;
  }
  const LAYOUTS = [2, 3].flatMap((zones) =>
    ['single', 'per-az', 'endpoints'].flatMap((egress) =>
      ['10.0.0.0/16', '10.1.0.0/20'].map((vpcCidr): Layout => ({ zones, egress, vpcCidr })),
    ),
  );
  const PAIRS = LAYOUTS.flatMap((from) =>
    LAYOUTS.filter((to) => to !== from).map((to) => [shown(from), shown(to), from, to] as const),
  );

  function shown({ zones, egress, vpcCidr }: Layout): string {
    return `${zones} zones, ${egress}, ${vpcCidr}`;
  }

  /** What AWS can't change of a subnet in place, by the subnet's name. */
  async function subnetsOf(layout: Layout): Promise<Map<string, string>> {
    const view = await stackOf('dev', { ...layout });
    return new Map(
      view
        .all('ec2/subnet:Subnet')
        .map(({ name, inputs }) => [
          name.replace('gh-vpc-', ''),
          `${String(inputs.cidrBlock)} ${String(inputs.availabilityZone)}`,
        ]),
    );
  }

  const names = (kind: string, zones: number) =>
    [1, 2, 3].slice(0, zones).map((zone) => `${kind}-${zone}`);
  /** What a layout has: a private subnet a zone, and one for NAT where there is NAT. */
  const wanted = ({ zones, egress }: Layout) => [
    ...names('private', zones),
    ...(egress === 'endpoints' ? [] : names('nat', zones)),
  ];

  it.each(PAIRS)('from %s to %s', async (_from, _to, from, to) => {
    const [before, after] = [await subnetsOf(from), await subnetsOf(to)];
    const [had, has] = [wanted(from), wanted(to)];
    const stays = had.filter((name) => has.includes(name));
    expect({
      added: [...after.keys()].filter((name) => !before.has(name)).sort(),
      removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
      replaced: [...after.keys()]
        .filter((name) => before.has(name) && before.get(name) !== after.get(name))
        .sort(),
    }).toEqual({
      added: has.filter((name) => !had.includes(name)).sort(),
      removed: had.filter((name) => !has.includes(name)).sort(),
      // Nothing but another block moves what stays.
      replaced: from.vpcCidr === to.vpcCidr ? [] : stays.sort(),
    });
    // What is added comes while the old ones are still there: no two may overlap.
    if (from.vpcCidr === to.vpcCidr) expect(overlaps([...before, ...after])).toEqual([]);
  });
});

/** Pairs of different subnets whose blocks share an address. */
function overlaps(subnets: readonly (readonly [name: string, place: string])[]): string[] {
  const blocks = subnets.map(([name, place]) => {
    const [address = '', prefix] = (place.split(' ')[0] ?? '').split('/');
    const start = address.split('.').reduce((number, octet) => number * 256 + Number(octet), 0);
    return { name, start, end: start + 2 ** (32 - Number(prefix)) };
  });
  return blocks.flatMap((one) =>
    blocks
      .filter((other) => one.name < other.name && one.start < other.end && other.start < one.end)
      .map((other) => `${one.name} and ${other.name}`),
  );
}

describe('noPublicAddresses', () => {
  it('takes public addresses from subnets, and leaves everything else alone', () => {
    const args = { custom: true, name: 'x', opts: {} };
    expect(
      noPublicAddresses({
        ...args,
        type: 'aws:ec2/subnet:Subnet',
        props: { mapPublicIpOnLaunch: true, cidrBlock: '10.0.0.0/20' },
      }),
    ).toEqual({ props: { mapPublicIpOnLaunch: false, cidrBlock: '10.0.0.0/20' }, opts: {} });
    expect(noPublicAddresses({ ...args, type: 'aws:ec2/vpc:Vpc', props: {} })).toBeUndefined();
  });
});
