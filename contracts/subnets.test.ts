// Tests of the layout of a VPC.
import { LONGEST_VPC_PREFIX, zoneSubnets } from './subnets';

describe('zoneSubnets', () => {
  it('gives each zone a quarter: half of it private, and a corner of the rest for NAT', () => {
    expect(zoneSubnets('10.0.0.0/16')).toEqual([
      { private: '10.0.0.0/19', nat: '10.0.32.0/28' },
      { private: '10.0.64.0/19', nat: '10.0.96.0/28' },
      { private: '10.0.128.0/19', nat: '10.0.160.0/28' },
    ]);
  });

  it('fits into the smallest VPC that takes a load balancer, wherever it starts', () => {
    expect(zoneSubnets(`192.168.255.0/${LONGEST_VPC_PREFIX}`)).toEqual([
      { private: '192.168.255.0/27', nat: '192.168.255.32/28' },
      { private: '192.168.255.64/27', nat: '192.168.255.96/28' },
      { private: '192.168.255.128/27', nat: '192.168.255.160/28' },
    ]);
  });
});
