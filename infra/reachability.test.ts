// Proves from what is recorded that no path leads to a task except through CloudFront.
import { plausibleInvoke } from '../recorder/invokes';
import { stackOf, type StackView } from './testing/stacks';

/** CloudFront's own group for the network interfaces of VPC origins, in any VPC. */
const CLOUDFRONT_GROUP = plausibleInvoke(
  'aws:ec2/getSecurityGroup:getSecurityGroup',
  { name: 'CloudFront-VPCOrigins-Service-SG' },
  'eu-central-1',
).id;

interface Way {
  from: unknown;
  ports: unknown;
}

/** Everything that a security group lets in, by rule resource and inline alike. */
function waysInto(view: StackView, groupId: unknown): Way[] {
  const rules = view
    .all('vpc/securityGroupIngressRule:SecurityGroupIngressRule')
    .filter(({ inputs }) => inputs.securityGroupId === groupId)
    .map(({ inputs }) => ({
      from:
        inputs.referencedSecurityGroupId ??
        inputs.cidrIpv4 ??
        inputs.cidrIpv6 ??
        inputs.prefixListId,
      ports: [inputs.ipProtocol, inputs.fromPort, inputs.toPort],
    }));
  const inline = view
    .all('ec2/securityGroup:SecurityGroup')
    .filter(({ outputs, inputs }) => outputs.id === groupId && inputs.ingress !== undefined)
    .map(({ inputs }) => ({ from: inputs.ingress, ports: 'inline' }));
  return [...rules, ...inline];
}

const idOf = (view: StackView, nameEnd: string): unknown =>
  view.one('ec2/securityGroup:SecurityGroup', nameEnd).outputs.id;

describe.each(['single', 'per-az', 'endpoints'])(
  'no path leads to a task except through CloudFront, egress %s',
  (egress) => {
    const stack = (): Promise<StackView> => stackOf('prod', { egress });

    it('because tasks have no public address, in subnets without a route from the internet', async () => {
      const view = await stack();
      const vpc = view.one('awsx:ec2:Vpc');
      const { networkConfiguration } = view.inputs('ecs/service:Service');
      expect(networkConfiguration).toEqual({
        subnets: vpc.outputs.privateSubnetIds,
        securityGroups: [idOf(view, '-task-sg')],
        assignPublicIp: false,
      });
      const types = (vpc.inputs.subnetSpecs as { type: string }[]).map(({ type }) => type);
      expect(types).toEqual(egress === 'endpoints' ? ['Private'] : ['Private', 'Public']);
    });

    it('because the group of tasks admits the load balancer alone, on one port', async () => {
      const view = await stack();
      expect(waysInto(view, idOf(view, '-task-sg'))).toEqual([
        { from: idOf(view, '-lb-sg'), ports: ['tcp', 8080, 8080] },
      ]);
    });

    it('because the group of the load balancer admits CloudFront’s VPC origin alone', async () => {
      const view = await stack();
      expect(waysInto(view, idOf(view, '-lb-sg'))).toEqual([
        { from: CLOUDFRONT_GROUP, ports: ['tcp', 443, 443] },
      ]);
    });

    it('since the one group that is looked up is that which CloudFront makes in this VPC', async () => {
      const view = await stack();
      const lookups = view.recording.invokes.filter(({ token }) => /SecurityGroup/.test(token));
      expect(lookups).toEqual([
        {
          token: 'aws:ec2/getSecurityGroup:getSecurityGroup',
          args: {
            name: 'CloudFront-VPCOrigins-Service-SG',
            vpcId: view.one('awsx:ec2:Vpc').outputs.vpcId,
          },
        },
      ]);
    });

    it('because there is one load balancer, internal, in the private subnets', async () => {
      const view = await stack();
      expect(view.all('lb/loadBalancer:LoadBalancer')).toHaveLength(1);
      expect(view.inputs('lb/loadBalancer:LoadBalancer')).toMatchObject({
        internal: true,
        subnets: view.one('awsx:ec2:Vpc').outputs.privateSubnetIds,
        securityGroups: [idOf(view, '-lb-sg')],
      });
      const listeners = view.all('lb/listener:Listener');
      expect(listeners.map(({ inputs }) => inputs.port)).toEqual([443]);
    });

    it('because the VPC origin is that load balancer, and the distribution has no other origin', async () => {
      const view = await stack();
      const origin = view.one(':VpcOrigin');
      expect(origin.inputs.vpcOriginEndpointConfig).toMatchObject({
        arn: view.one('lb/loadBalancer:LoadBalancer').outputs.arn,
        originProtocolPolicy: 'https-only',
      });
      const distribution = view.inputs(':Distribution');
      expect(distribution.origins).toHaveLength(1);
      expect(distribution).toHaveProperty(
        'origins.0.vpcOriginConfig.vpcOriginId',
        origin.outputs.id,
      );
      expect(distribution).not.toHaveProperty('origins.0.customOriginConfig');
    });

    it('and every path through CloudFront passes the key check and the web ACL', async () => {
      const view = await stack();
      const distribution = view.inputs(':Distribution');
      expect(distribution.orderedCacheBehaviors ?? []).toEqual([]);
      expect(distribution).toHaveProperty('defaultCacheBehavior.lambdaFunctionAssociations', [
        {
          eventType: 'viewer-request',
          lambdaArn: view.one('lambda/function:Function', '-edge-fn').outputs.qualifiedArn,
          includeBody: false,
        },
      ]);
      expect(distribution.webAclId).toBe(view.one(':WebAcl').outputs.arn);
    });

    it('and nothing else in the VPC admits anybody from outside it', async () => {
      const view = await stack();
      const vpcCidr = view.inputs('awsx:ec2:Vpc').cidrBlock as string;
      const open = view.all('ec2/securityGroup:SecurityGroup').flatMap(({ name, outputs }) =>
        waysInto(view, outputs.id)
          .filter(({ from }) => !String(from).startsWith('sg-'))
          .map(({ from }) => ({ name, from })),
      );
      expect(open).toEqual(
        egress === 'endpoints' ? [{ name: 'gh-endpoints-sg', from: vpcCidr }] : [],
      );
      expect(view.inputs(':DefaultSecurityGroup')).toMatchObject({ ingress: [], egress: [] });
    });

    it('and the internet gateway is the way of NAT gateways out, the only ones with addresses', async () => {
      const view = await stack();
      const privateSubnets = view.one('awsx:ec2:Vpc').outputs.privateSubnetIds as string[];
      const privateTables = view
        .all('ec2/routeTableAssociation:RouteTableAssociation')
        .filter(({ inputs }) => privateSubnets.includes(inputs.subnetId as string))
        .map(({ inputs }) => inputs.routeTableId);
      expect(privateTables).toHaveLength(3);
      const routes = view.all('ec2/route:Route');
      const ways = routes.filter(({ inputs }) => privateTables.includes(inputs.routeTableId));
      expect(ways).toHaveLength(egress === 'endpoints' ? 0 : 3);
      for (const { inputs } of ways) expect(inputs.gatewayId).toBeUndefined();
      const translators = view.all('ec2/natGateway:NatGateway');
      expect(view.all('ec2/eip:Eip').map(({ outputs }) => outputs.id)).toEqual(
        translators.map(({ inputs }) => inputs.allocationId),
      );
      for (const { inputs } of translators) expect(privateSubnets).not.toContain(inputs.subnetId);
    });
  },
);

describe('nobody in the VPC reaches the function, and only its API may call it', () => {
  it('since its group admits nobody and its permission names one API', async () => {
    const view = await stackOf('prod', { compute: 'lambda' });
    expect(waysInto(view, idOf(view, '-fn-sg'))).toEqual([]);
    const { name } = view.one('lambda/function:Function', 'gh-fn').outputs;
    const permissions = view
      .all('lambda/permission:Permission')
      .filter(({ inputs }) => inputs.function === name);
    expect(permissions.map(({ inputs }) => inputs)).toEqual([
      {
        function: name,
        action: 'lambda:InvokeFunction',
        principal: 'apigateway.amazonaws.com',
        sourceArn: `${String(view.one('apigatewayv2/api:Api').outputs.executionArn)}/*`,
        sourceAccount: '123456789012',
      },
    ]);
    const distribution = view.inputs(':Distribution');
    expect(distribution).toHaveProperty(
      'origins.0.customOriginConfig.originProtocolPolicy',
      'https-only',
    );
    expect(distribution).toHaveProperty(
      'origins.0.customHeaders.0.name',
      'x-gatehouse-origin-secret',
    );
  });
});
