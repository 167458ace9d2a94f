// Tests of what belongs together.
import { withoutCompanion } from './companions';
import { resource } from './testing/cases';

const subject = (inputs: object, outputs?: object) => ({
  ...resource('aws:ec2/vpc:Vpc', { ...inputs }),
  ...(outputs === undefined ? {} : { outputs: { ...outputs } }),
});
const companion = (vpcId?: string) => resource('aws:ec2/flowLog:FlowLog', { vpcId });

describe('withoutCompanion', () => {
  it('finds the one that none names, by input or output', () => {
    const [one, other] = [subject({ id: 'vpc-1' }), subject({}, { id: 'vpc-2' })];
    expect(
      withoutCompanion([one, other], [companion('vpc-1'), companion('vpc-2')], 'vpcId'),
    ).toEqual([]);
    expect(withoutCompanion([one, other], [companion('vpc-1')], 'vpcId')).toEqual([other]);
    expect(withoutCompanion([one], [companion('vpc-9')], 'vpcId')).toEqual([one]);
  });

  it('counts where names are not known yet', () => {
    expect(withoutCompanion([subject({})], [companion()], 'vpcId')).toEqual([]);
    expect(withoutCompanion([subject({}), subject({})], [companion()], 'vpcId')).toHaveLength(2);
    expect(withoutCompanion([], [], 'vpcId')).toEqual([]);
  });
});
