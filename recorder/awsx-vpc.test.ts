// Holds the stand-in of awsx's VPC against what the real one registered under the real engine (awsx 3.9).
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as aws from '@pulumi/aws';
import * as awsx from '@pulumi/awsx';
import { registerVpc } from './awsx-vpc';
import { record, type RecordedResource } from './record';

/** A child as the engine printed it: ids without their digits, URNs as types and names. */
interface EngineChild {
  readonly resource: string;
  readonly parent: string;
  readonly dependencies: readonly string[];
  readonly inputs: Readonly<Record<string, unknown>>;
}

const COMPONENT = 'awsx:ec2:Vpc gh-vpc';
const ID = /^(vpc|subnet|igw|nat|eipalloc|rtb)-[0-9a-f]{17}$/;

function engineChildren(stack: string): EngineChild[] {
  const file = join(__dirname, 'testing', `awsx-children-${stack}.json`);
  return JSON.parse(readFileSync(file, 'utf8')) as EngineChild[];
}

/** The arguments by which the children came to be, their blocks written out. */
function argsOf(children: readonly EngineChild[], strategy: 'Single' | 'OnePerAz') {
  const subnets = children.filter(({ resource }) => resource.includes(':Subnet '));
  const blocks = (kind: string) =>
    subnets
      .filter(({ resource }) => resource.includes(`-${kind}-`))
      .map(({ inputs }) => String(inputs.cidrBlock));
  const zones = subnets.map(({ inputs }) => String(inputs.availabilityZone));
  return {
    cidrBlock: '10.0.0.0/16',
    availabilityZoneNames: [...new Set(zones)].sort(),
    enableDnsHostnames: true,
    enableDnsSupport: true,
    natGateways: { strategy },
    subnetStrategy: 'Auto' as const,
    subnetSpecs: [
      { type: 'Private' as const, name: 'private', cidrBlocks: blocks('private') },
      { type: 'Public' as const, name: 'nat', cidrBlocks: blocks('nat') },
    ],
  };
}

async function recordVpc(args: awsx.ec2.VpcArgs): Promise<readonly RecordedResource[]> {
  const program = (): Promise<Record<string, unknown>> => {
    const provider = new aws.Provider('aws', { region: 'eu-central-1' });
    const vpc = new awsx.ec2.Vpc('gh-vpc', args, {
      providers: [provider],
      transforms: [
        ({ type, props, opts }) =>
          type === 'aws:ec2/subnet:Subnet'
            ? { props: { ...(props as object), mapPublicIpOnLaunch: false }, opts }
            : undefined,
      ],
    });
    return Promise.resolve({ tables: vpc.routeTables.apply((all) => all.map(({ id }) => id)) });
  };
  return (await record('dev', { program })).resources;
}

const shortened = (urn: string): string => {
  const [name, type] = urn.split('::').reverse();
  return `${type?.split('$').at(-1)} ${name}`;
};

function asEngineChildren(resources: readonly RecordedResource[]): EngineChild[] {
  return resources
    .filter(({ type }) => type.startsWith('aws:'))
    .map(({ urn, parent = '', inputs, options }) => ({
      resource: shortened(urn),
      parent: shortened(parent),
      dependencies: options.dependencies.map(shortened).sort(),
      inputs: Object.fromEntries(
        Object.entries(inputs).map(([key, value]) => [
          key,
          typeof value === 'string' ? value.replace(ID, '$1') : value,
        ]),
      ),
    }))
    .sort((a, b) => (a.resource < b.resource ? -1 : 1));
}

describe('registerVpc', () => {
  it.each([
    ['dev', 'Single', 20],
    ['prod', 'OnePerAz', 32],
  ] as const)('registers what awsx does on %s', async (stack, strategy, count) => {
    const expected = engineChildren(stack);
    const recorded = asEngineChildren(await recordVpc(argsOf(expected, strategy)));
    expect(recorded).toHaveLength(count);
    expect(recorded).toEqual(expected);
    expect(recorded.find(({ parent }) => parent === COMPONENT)?.resource).toBe(
      'aws:ec2/vpc:Vpc gh-vpc',
    );
  });

  it('hands the component’s provider and transforms on to every child', async () => {
    const resources = await recordVpc(argsOf(engineChildren('dev'), 'Single'));
    const provider = resources.find(({ type }) => type === 'pulumi:providers:aws');
    const children = resources.filter(({ type }) => type.startsWith('aws:'));
    for (const { options } of children) {
      expect(options.provider).toMatch(new RegExp(`^${provider?.urn}::`));
    }
    const subnets = children.filter(({ type }) => type.endsWith(':Subnet'));
    expect(subnets.map(({ inputs }) => inputs.mapPublicIpOnLaunch)).toEqual([
      false,
      false,
      false,
      false,
    ]);
  });

  it('gives a route table a subnet, and the ids that the children have', async () => {
    const resources = await recordVpc(argsOf(engineChildren('dev'), 'Single'));
    const outputs = resources.find(({ type }) => type === 'awsx:ec2:Vpc')?.outputs;
    const idsOf = (type: string, name = '') =>
      resources
        .filter((each) => each.type.endsWith(type) && each.name.includes(name))
        .map((each) => each.outputs.id);
    expect(outputs).toMatchObject({
      vpcId: idsOf('aws:ec2/vpc:Vpc')[0],
      privateSubnetIds: idsOf(':Subnet', '-private-'),
      publicSubnetIds: idsOf(':Subnet', '-nat-'),
      routeTables: idsOf(':RouteTable').map((id) => ({ id })),
    });
    expect(idsOf(':RouteTable')).toHaveLength(4);
  });

  it('routes nowhere without NAT gateways', async () => {
    const args = argsOf(engineChildren('dev'), 'Single');
    const resources = await recordVpc({
      ...args,
      natGateways: { strategy: 'None' },
      subnetSpecs: args.subnetSpecs.slice(0, 1),
    });
    const types = resources.map(({ type }) => type);
    expect(types.filter((type) => /:(Route|NatGateway|Eip)$/.test(type))).toEqual([]);
    expect(types.filter((type) => type.endsWith(':RouteTable'))).toHaveLength(2);
  });

  it('says so where subnets are given by size: how awsx cuts them is not known here', async () => {
    const inputs = {
      availabilityZoneNames: ['eu-central-1a'],
      subnetSpecs: [{ type: 'Private', cidrMask: 20 }],
    };
    const register = () => Promise.resolve({ urn: 'urn', id: 'id' });
    await expect(registerVpc({ urn: 'urn', name: 'gh-vpc', inputs }, register)).rejects.toThrow(
      'gh-vpc: subnetSpecs give no block for eu-central-1a.',
    );
  });
});
