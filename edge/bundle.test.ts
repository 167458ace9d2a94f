// The bundle's text: small, reproducible, and nothing in it that the edge does not have.
import { bundleEdge } from './bundle';
import type { EdgeSettings } from './settings';

const SETTINGS: EdgeSettings = {
  stack: 'dev',
  environment: 'dev',
  keysTable: 'gatehouse-keys-1234567',
  regions: ['eu-central-1', 'us-east-1'],
};

describe('bundleEdge', () => {
  it('gives the same text for the same settings, and another for others', () => {
    const code = bundleEdge(SETTINGS);
    expect(bundleEdge({ ...SETTINGS })).toBe(code);
    expect(bundleEdge({ ...SETTINGS, cacheSeconds: 10 })).not.toBe(code);
  });

  it('refuses wrong settings', () => {
    expect(() => bundleEdge({ ...SETTINGS, regions: [] })).toThrow('regions is []');
  });
});
