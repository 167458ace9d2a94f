// The nearest replica by geography, home first where nothing is known.
import { lookupRoutes } from './nearest-region';

const REGIONS = ['eu-central-1', 'us-east-1', 'ap-southeast-2'];
const nearest = (from: string, regions = REGIONS) =>
  (lookupRoutes(regions, 2)[from] ?? [0, 1]).map((index) => regions[index]);

describe('lookupRoutes', () => {
  it.each([
    ['eu-west-1', 'eu-central-1', 'us-east-1'],
    ['us-west-2', 'us-east-1', 'eu-central-1'],
    ['sa-east-1', 'us-east-1', 'eu-central-1'],
    ['ap-southeast-1', 'ap-southeast-2', 'eu-central-1'],
    ['ap-southeast-2', 'ap-southeast-2', 'us-east-1'],
    ['us-east-1', 'us-east-1', 'eu-central-1'],
    ['eu-central-1', 'eu-central-1', 'us-east-1'],
    ['xx-new-1', 'eu-central-1', 'us-east-1'],
  ])('from %s asks %s, then %s', (from, ...order) => {
    expect(nearest(from)).toEqual(order);
  });

  it('is empty for one region', () => {
    expect(lookupRoutes(['eu-central-1'], 2)).toEqual({});
  });

  it('reaches a table in a region that is not on the map', () => {
    expect(nearest('xx-new-1', ['us-east-1', 'xx-new-1'])).toEqual(['xx-new-1', 'us-east-1']);
    expect(nearest('eu-west-1', ['xx-new-1', 'us-east-1'])).toEqual(['us-east-1', 'xx-new-1']);
  });

  it('tells regions of one city apart', () => {
    expect(nearest('ap-northeast-3', ['ap-northeast-1', 'ap-northeast-3'])).toEqual([
      'ap-northeast-3',
      'ap-northeast-1',
    ]);
  });
});
