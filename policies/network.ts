// Rules of the network: no way in but through CloudFront, and no way out that is not meant.
import { at, list } from './inputs';
import { withoutCompanion } from './companions';
import { type PolicyResource, resourceRule, type Rule, unless } from './rule';

const INGRESS_RULE = 'aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule';
const EGRESS_RULE = 'aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule';
const LEGACY_RULE = 'aws:ec2/securityGroupRule:SecurityGroupRule';
const GROUP = 'aws:ec2/securityGroup:SecurityGroup';
/** The VPCs; one of awsx's makes a plain one, which the engine shows once the component has run. */
function vpcsOf(resources: readonly PolicyResource[]): PolicyResource[] {
  const plain = resources.filter(({ type }) => type === 'aws:ec2/vpc:Vpc');
  return plain.length > 0 ? plain : resources.filter(({ type }) => type === 'awsx:ec2:Vpc');
}

/** Address blocks that a rule, or a rule within a group, names. */
function blocks(rule: unknown): unknown[] {
  return ['cidrIpv4', 'cidrIpv6', 'cidrBlocks', 'ipv6CidrBlocks'].flatMap((key) =>
    list(at(rule, key)),
  );
}

function isOpen(rule: unknown): boolean {
  return blocks(rule).some((block) => {
    const [address = '', mask] = String(block).split('/');
    // Half of the internet, twice, is all of it: no real block is as large.
    return Number(mask) < (address.includes(':') ? 16 : 8);
  });
}

const noIngressFromAnywhere = resourceRule({
  name: 'no-ingress-from-anywhere',
  description: 'No security group accepts traffic from the whole internet (EC2.18, EC2.19).',
  types: [INGRESS_RULE, LEGACY_RULE, GROUP],
  faults: ({ type, inputs }) => {
    const rules =
      type === GROUP
        ? list(inputs.ingress)
        : type === LEGACY_RULE && inputs.type !== 'ingress'
          ? []
          : [inputs];
    return unless(
      !rules.some(isOpen),
      'accepts traffic from anywhere. Name the security group that may send it.',
    );
  },
});

const noOpenEgress = resourceRule({
  name: 'no-open-egress',
  description: 'No security group sends every protocol to anywhere (CKV_AWS_382).',
  types: [EGRESS_RULE, LEGACY_RULE, GROUP],
  faults: ({ type, inputs }) => {
    const rules =
      type === GROUP
        ? list(inputs.egress)
        : type === LEGACY_RULE && inputs.type !== 'egress'
          ? []
          : [inputs];
    const isOpenToAll = (rule: unknown): boolean =>
      isOpen(rule) && String(at(rule, 'ipProtocol') ?? at(rule, 'protocol')) === '-1';
    return unless(
      !rules.some(isOpenToAll),
      'sends every protocol to anywhere. Allow TCP 443, or the security group that is meant.',
    );
  },
});

const rulesAreDescribed = resourceRule({
  name: 'security-rules-described',
  description: 'Every security group and rule says what it is for (CKV_AWS_23).',
  types: [INGRESS_RULE, EGRESS_RULE, LEGACY_RULE, GROUP],
  faults: ({ inputs }) =>
    unless(
      typeof inputs.description === 'string' && inputs.description !== '',
      'has no description. Say in one sentence who talks to whom.',
    ),
});

const loadBalancerIsInternal = resourceRule({
  name: 'load-balancer-internal',
  description: 'Load balancers have no public address; CloudFront comes by a VPC origin.',
  types: ['aws:lb/loadBalancer:LoadBalancer'],
  faults: ({ inputs }) =>
    unless(inputs.internal === true, 'is reachable from the internet. Set internal to true.'),
});

const loadBalancerIsHardened = resourceRule({
  name: 'load-balancer-hardened',
  description:
    'Load balancers drop invalid headers, refuse ambiguous requests and log (ELB.4, .5, .12).',
  types: ['aws:lb/loadBalancer:LoadBalancer'],
  faults: ({ inputs }) => [
    ...unless(
      inputs.dropInvalidHeaderFields === true,
      'passes invalid headers on. Set dropInvalidHeaderFields.',
    ),
    ...unless(
      inputs.desyncMitigationMode === 'strictest',
      'lets ambiguous requests through. Set desyncMitigationMode to "strictest".',
    ),
    ...unless(at(inputs, 'accessLogs', 'enabled') === true, 'writes no access logs. Enable them.'),
  ],
});

const listenerSpeaksModernTls = resourceRule({
  name: 'listener-tls-policy',
  description: 'HTTPS listeners accept TLS 1.2 and newer only (ELB.17).',
  types: ['aws:lb/listener:Listener'],
  faults: ({ inputs }) =>
    unless(
      inputs.protocol !== 'HTTPS' ||
        /^ELBSecurityPolicy-TLS13-1-[23]-/.test(String(inputs.sslPolicy)),
      `has the TLS policy ${String(inputs.sslPolicy)}. Use ELBSecurityPolicy-TLS13-1-2-2021-06 or newer.`,
    ),
});

const defaultGroupIsClosed: Rule = {
  name: 'default-security-group-closed',
  description: "The VPC's default security group admits nothing and sends nothing (EC2.2).",
  level: 'mandatory',
  check: (resources) => {
    const closed = resources.filter(
      ({ type, inputs }) =>
        type === 'aws:ec2/defaultSecurityGroup:DefaultSecurityGroup' &&
        list(inputs.ingress).length === 0 &&
        list(inputs.egress).length === 0,
    );
    return withoutCompanion(vpcsOf(resources), closed, 'vpcId').map(({ urn, name }) => ({
      urn,
      message: `${name}: its default security group is open. Declare a DefaultSecurityGroup with empty ingress and egress.`,
    }));
  },
};

const vpcHasFlowLogs: Rule = {
  name: 'vpc-flow-logs',
  description: 'Every VPC logs all of its traffic (EC2.6).',
  level: 'mandatory',
  check: (resources) => {
    const logged = resources.filter(
      ({ type, inputs }) => type === 'aws:ec2/flowLog:FlowLog' && inputs.trafficType === 'ALL',
    );
    return withoutCompanion(vpcsOf(resources), logged, 'vpcId').map(({ urn, name }) => ({
      urn,
      message: `${name}: logs no traffic. Declare a FlowLog with trafficType "ALL".`,
    }));
  },
};

const subnetsGiveNoAddress = resourceRule({
  name: 'subnet-no-public-address',
  description: 'No subnet hands out public addresses, those of NAT gateways too (EC2.15).',
  types: ['aws:ec2/subnet:Subnet'],
  faults: ({ inputs }) =>
    unless(
      inputs.mapPublicIpOnLaunch !== true,
      'gives what starts in it a public address. Set mapPublicIpOnLaunch to false.',
    ),
});

/** All rules of the network. */
export const NETWORK_RULES: readonly Rule[] = [
  noIngressFromAnywhere,
  noOpenEgress,
  rulesAreDescribed,
  loadBalancerIsInternal,
  loadBalancerIsHardened,
  listenerSpeaksModernTls,
  defaultGroupIsClosed,
  vpcHasFlowLogs,
  subnetsGiveNoAddress,
];
