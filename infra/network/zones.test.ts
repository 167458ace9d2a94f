// Tests of the choice of availability zones.
import { chooseZones } from './zones';

const names = ['us-east-1a', 'us-east-1b', 'us-east-1c'];

describe('chooseZones', () => {
  it('takes the first ones in AWS’s order', () => {
    const zoneIds = ['use1-az1', 'use1-az2', 'use1-az4'];
    expect(chooseZones({ names, zoneIds }, 2, 'us-east-1')).toEqual(['us-east-1a', 'us-east-1b']);
  });

  it('leaves out a zone that no VPC origin can be made in, whatever its name', () => {
    const zoneIds = ['use1-az1', 'use1-az3', 'use1-az4'];
    expect(chooseZones({ names, zoneIds }, 2, 'us-east-1')).toEqual(['us-east-1a', 'us-east-1c']);
  });

  it('says so when too few are left', () => {
    const zoneIds = ['use1-az1', 'use1-az3', 'use1-az4'];
    expect(() => chooseZones({ names, zoneIds }, 3, 'us-east-1')).toThrow(
      /us-east-1 has 2 zone\(s\).*gatehouse:zones asks for 3/,
    );
  });
});
