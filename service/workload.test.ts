// Tests that the shipped declaration is one that the platform takes.
import { workloadProblems } from '../contracts/workload-problems';
import { workload } from './workload';

describe('workload', () => {
  it('has no problem', () => {
    expect(workloadProblems(workload)).toEqual([]);
  });
});
