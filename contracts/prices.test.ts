// Tests of the list prices.
import { pricesOf, taskHour } from './prices';

describe('pricesOf', () => {
  it("gives a region's own prices, and says whose they are where it has none listed", () => {
    expect(pricesOf('eu-central-1')).toMatchObject({ region: 'eu-central-1', natHour: 0.052 });
    expect(pricesOf('ap-south-1')).toEqual(pricesOf('us-east-1'));
  });
});

describe('taskHour', () => {
  it('adds CPU and memory', () => {
    expect(taskHour(pricesOf('us-east-1'), 1024, 2048)).toBe(0.0395);
  });
});
