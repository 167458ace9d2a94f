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
    expect(gateways[0]?.inputs.routeTableIds).toHaveLength(2);
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
